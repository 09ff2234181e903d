//! The macros that declare enums with a text (roles, actions, scopes) and sets of them.

use core::fmt;

/// Declares a set type for an enum, with one flag for each variant.
macro_rules! flag_set {
    (
        $(#[$meta:meta])*
        pub struct $Set:ident: $Bits:ty, $Enum:ident { $($Variant:ident)+ } $what:literal
    ) => {
        bitflags::bitflags! {
            $(#[$meta])*
            ///
            /// Each flag has the name of its element. In addition to the methods of `bitflags` there are
            /// [`of`](Self::of), [`has`](Self::has) and [`elements`](Self::elements).
            #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
            pub struct $Set: $Bits {
                $(
                    #[doc = concat!("The set of [`", stringify!($Enum), "::", stringify!($Variant), "`].")]
                    #[allow(non_upper_case_globals, reason = "the list of names is kept once")]
                    const $Variant = 1 << $Enum::$Variant as $Bits;
                )+
            }
        }

        impl $Set {
            /// The set of one element.
            #[must_use]
            pub const fn of(element: $Enum) -> Self {
                Self::from_bits_retain(1 << element as $Bits)
            }

            /// Returns true if the element is in the set.
            #[must_use]
            pub const fn has(self, element: $Enum) -> bool {
                self.contains(Self::of(element))
            }

            /// Returns the elements of the set, in the order of declaration.
            pub fn elements(self) -> impl Iterator<Item = $Enum> + Clone {
                $Enum::ALL.into_iter().filter(move |&element| self.has(element))
            }
        }

        impl From<$Enum> for $Set {
            fn from(element: $Enum) -> Self {
                Self::of(element)
            }
        }

        impl FromIterator<$Enum> for $Set {
            fn from_iter<I: IntoIterator<Item = $Enum>>(elements: I) -> Self {
                elements.into_iter().map(Self::of).collect()
            }
        }

        /// Displays the elements, separated by commas.
        impl core::fmt::Display for $Set {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                crate::macros::list(f, ", ", self.elements())
            }
        }

        #[cfg(feature = "serde")]
        crate::serial::list!($Set of $Enum, $what);
    };
}

/// Declares a fieldless enum with a text for each variant, and the error of parsing an unknown text.
///
/// The enum displays as its text. With a set type at the end, [`flag_set!`] declares that too. With
/// `impl Error by words_fn` at the end, the enum is an error and displays what `words_fn` returns.
macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        pub enum $Enum:ident {
            $( $(#[$variant_meta:meta])* $Variant:ident = $text:literal, )+
        }

        $(#[$text_meta:meta])*
        pub const fn $text_fn:ident;

        $(#[$unknown_meta:meta])*
        pub struct $Unknown:ident: $what:literal;

        $(#[$set_meta:meta])*
        pub struct $Set:ident: $Bits:ty;
    ) => {
        text_enum! {
            $(#[$meta])*
            pub enum $Enum {
                $( $(#[$variant_meta])* $Variant = $text, )+
            }

            $(#[$text_meta])*
            pub const fn $text_fn;

            $(#[$unknown_meta])*
            pub struct $Unknown: $what;
        }

        flag_set! {
            $(#[$set_meta])*
            pub struct $Set: $Bits, $Enum { $($Variant)+ } $what
        }
    };

    (
        $(#[$meta:meta])*
        pub enum $Enum:ident {
            $( $(#[$variant_meta:meta])* $Variant:ident = $text:literal, )+
        }

        $(#[$text_meta:meta])*
        pub const fn $text_fn:ident;

        $(#[$unknown_meta:meta])*
        pub struct $Unknown:ident: $what:literal;

        $( impl Error by $words_fn:ident; )?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[derive(strum::EnumCount, strum::EnumString)]
        #[strum(parse_err_ty = $Unknown, parse_err_fn = $Unknown::new)]
        #[repr(u8)]
        pub enum $Enum {
            $(
                $(#[$variant_meta])*
                #[doc = concat!("\n\n`", $text, "` in databases, logs and APIs.")]
                #[strum(serialize = $text)]
                $Variant,
            )+
        }

        impl $Enum {
            /// The number of variants.
            pub const COUNT: usize = <Self as strum::EnumCount>::COUNT;

            /// All variants, in the order of declaration.
            pub const ALL: [Self; Self::COUNT] = [$( Self::$Variant ),+];

            $(#[$text_meta])*
            #[must_use]
            pub const fn $text_fn(self) -> &'static str {
                match self {
                    $( Self::$Variant => $text, )+
                }
            }
        }

        text_enum! { @display $Enum $text_fn $($words_fn)? }

        $(#[$unknown_meta])*
        #[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
        #[error("unknown {what} `{0}`", what = $what)]
        pub struct $Unknown(crate::excerpt::Excerpt);

        impl $Unknown {
            fn new(input: &str) -> Self {
                Self(crate::excerpt::Excerpt::new(input))
            }

            /// Returns the beginning of the text that was refused.
            #[must_use]
            pub fn input(&self) -> &crate::excerpt::Excerpt {
                &self.0
            }
        }

        #[cfg(feature = "serde")]
        crate::serial::text!($Enum, $text_fn, $what);
    };

    (@display $Enum:ident $text_fn:ident) => {
        impl core::fmt::Display for $Enum {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.$text_fn())
            }
        }
    };

    (@display $Enum:ident $text_fn:ident $words_fn:ident) => {
        text_enum! { @display $Enum $words_fn }

        impl core::error::Error for $Enum {}
    };
}

/// Writes the items, with the separator between each two.
pub(crate) fn list<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    separator: &str,
    items: impl Iterator<Item = T>,
) -> fmt::Result {
    for (position, item) in items.enumerate() {
        if position > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

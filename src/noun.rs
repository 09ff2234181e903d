//! What the nouns, such as role, action and scope, have in common, written once.

use core::fmt;

/// Declares a noun: a fieldless enum, its text both ways, the error for any other text, and, if
/// wanted, the bitflags set of it.
macro_rules! noun {
    (
        $(#[$meta:meta])*
        pub enum $Noun:ident {
            $( $(#[$variant_meta:meta])* $Variant:ident = $text:literal, )+
        }

        $(#[$text_meta:meta])*
        pub const fn $text_fn:ident;

        $(#[$unknown_meta:meta])*
        pub struct $Unknown:ident: $what:literal;

        $(#[$set_meta:meta])*
        pub struct $Set:ident: $Bits:ty;
    ) => {
        noun! {
            $(#[$meta])*
            pub enum $Noun {
                $( $(#[$variant_meta])* $Variant = $text, )+
            }

            $(#[$text_meta])*
            pub const fn $text_fn;

            $(#[$unknown_meta])*
            pub struct $Unknown: $what;
        }

        bitflags::bitflags! {
            $(#[$set_meta])*
            ///
            /// Each flag has the name of the element that it stands for. Beside the methods of bitflags there
            /// are [`of`](Self::of), [`has`](Self::has) and [`elements`](Self::elements).
            #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
            pub struct $Set: $Bits {
                $(
                    #[doc = concat!("[`", stringify!($Noun), "::", stringify!($Variant), "`] alone.")]
                    #[allow(non_upper_case_globals, reason = "the list of names is kept once")]
                    const $Variant = 1 << $Noun::$Variant as $Bits;
                )+
            }
        }

        impl $Set {
            /// The set that has one element.
            #[must_use]
            pub const fn of(element: $Noun) -> Self {
                Self::from_bits_retain(1 << element as $Bits)
            }

            /// Returns true if the element is in the set.
            #[must_use]
            pub const fn has(self, element: $Noun) -> bool {
                self.contains(Self::of(element))
            }

            /// The elements of the set, in the order of declaration.
            pub fn elements(self) -> impl Iterator<Item = $Noun> + Clone {
                $Noun::ALL.into_iter().filter(move |&element| self.has(element))
            }
        }

        impl From<$Noun> for $Set {
            fn from(element: $Noun) -> Self {
                Self::of(element)
            }
        }

        impl FromIterator<$Noun> for $Set {
            fn from_iter<I: IntoIterator<Item = $Noun>>(elements: I) -> Self {
                elements.into_iter().map(Self::of).collect()
            }
        }

        /// The elements, separated by commas.
        impl core::fmt::Display for $Set {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                crate::noun::list(f, ", ", self.elements())
            }
        }

        #[cfg(feature = "serde")]
        crate::serial::list!($Set of $Noun, $what);
    };

    (
        $(#[$meta:meta])*
        pub enum $Noun:ident {
            $( $(#[$variant_meta:meta])* $Variant:ident = $text:literal, )+
        }

        $(#[$text_meta:meta])*
        pub const fn $text_fn:ident;

        $(#[$unknown_meta:meta])*
        pub struct $Unknown:ident: $what:literal;
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[derive(strum::Display, strum::EnumCount, strum::EnumString)]
        #[strum(parse_err_ty = $Unknown, parse_err_fn = $Unknown::new)]
        #[repr(u8)]
        pub enum $Noun {
            $(
                $(#[$variant_meta])*
                #[doc = concat!("\n\n`", $text, "` in databases, logs and APIs.")]
                #[strum(serialize = $text)]
                $Variant,
            )+
        }

        impl $Noun {
            /// How many values there are.
            pub const COUNT: usize = <Self as strum::EnumCount>::COUNT;

            /// All values, in the order of declaration.
            pub const ALL: [Self; Self::COUNT] = [$( Self::$Variant ),+];

            $(#[$text_meta])*
            #[must_use]
            pub const fn $text_fn(self) -> &'static str {
                match self {
                    $( Self::$Variant => $text, )+
                }
            }
        }

        $(#[$unknown_meta])*
        #[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
        #[error("unknown {what} `{0}`", what = $what)]
        pub struct $Unknown(crate::excerpt::Excerpt);

        impl $Unknown {
            fn new(input: &str) -> Self {
                Self(crate::excerpt::Excerpt::new(input))
            }

            /// The text that was read, or its beginning.
            #[must_use]
            pub fn input(&self) -> &crate::excerpt::Excerpt {
                &self.0
            }
        }

        #[cfg(feature = "serde")]
        crate::serial::text!($Noun, $what);
    };
}

/// Writes the items with the separator between them.
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

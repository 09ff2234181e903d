//! What an error keeps of the input that it refuses.

use core::fmt::{self, Write as _};

/// The beginning of an input that was refused, kept without allocating.
///
/// It has up to 30 bytes. It displays with `...` if the input went on. What is not printable is escaped, so
/// that a line of a log stays one line. So are backslashes and backticks, so that no input ends the quote that
/// it stands in.
///
/// ```
/// use labelgate::Role;
///
/// let refused = "OW\n".parse::<Role>().unwrap_err();
/// assert_eq!(refused.input().to_string(), r"OW\n");
/// assert_eq!(refused.to_string(), r"unknown role code `OW\n`");
///
/// let refused = "x` is fine; `OW".parse::<Role>().unwrap_err();
/// assert_eq!(refused.to_string(), r"unknown role code `x\` is fine; \`OW`");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Excerpt {
    bytes: [u8; Self::CAPACITY],
    len: u8,
    cut: bool,
}

impl Excerpt {
    const CAPACITY: usize = 30;

    pub(crate) fn new(input: &str) -> Self {
        let mut excerpt = Self { bytes: [0; Self::CAPACITY], len: 0, cut: false };
        for c in input.chars() {
            let from = usize::from(excerpt.len);
            match excerpt.bytes.get_mut(from..from + c.len_utf8()) {
                Some(place) => excerpt.len += c.encode_utf8(place).len() as u8,
                None => {
                    excerpt.cut = true;
                    break;
                }
            }
        }
        excerpt
    }

    /// The input, if all of it was kept.
    #[cfg(feature = "serde")]
    pub(crate) fn whole(&self) -> Option<&str> {
        (!self.cut).then(|| self.as_str())
    }

    fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaped = Escaped(&mut *f);
        self.as_str().chars().try_for_each(|c| {
            if matches!(c, '`' | '\\') {
                escaped.write_char('\\')?;
            }
            escaped.write_char(c)
        })?;
        f.write_str(if self.cut { "..." } else { "" })
    }
}

/// Writes on what it is given, with what is not printable escaped: control characters, line
/// separators, changes of direction. Quotes and backslashes are printable, and stay: the text may be one
/// that quotes an [`Excerpt`].
pub(crate) struct Escaped<W>(pub(crate) W);

impl<W: fmt::Write> fmt::Write for Escaped<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| match c {
            ' '..='~' => self.0.write_char(c),
            _ => c.escape_debug().try_for_each(|c| self.0.write_char(c)),
        })
    }
}

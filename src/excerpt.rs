//! `Excerpt`: the part of a refused input that an error keeps.

use core::fmt::{self, Write as _};

/// The beginning of a refused input, stored without allocating.
///
/// It keeps up to 30 bytes, and displays `...` after them if the input was longer. Unprintable characters are
/// escaped, so an error fits on one line of a log. Backslashes and backticks are escaped, so an input cannot close
/// the quote around it.
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

    /// Returns the input, or `None` if it was cut.
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

/// A writer that escapes unprintable characters: control characters, line separators, changes of direction.
///
/// It does not escape quotes and backslashes: the text can contain an [`Excerpt`], which is escaped already.
pub(crate) struct Escaped<W>(pub(crate) W);

impl<W: fmt::Write> fmt::Write for Escaped<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| match c {
            ' '..='~' => self.0.write_char(c),
            _ => c.escape_debug().try_for_each(|c| self.0.write_char(c)),
        })
    }
}

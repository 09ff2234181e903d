//! What a log keeps of a decision.

use core::fmt;
use core::str::FromStr;

use crate::context::ScopeCtx;
use crate::decision::Reason;
use crate::excerpt::Excerpt;
use crate::matrix::{Action, Matrix};
use crate::role::Role;
use crate::scope::Scopes;

/// The record of a decision: what was asked, what was answered and why, and by which matrix, so
/// that it can be checked later. There is no personal data in it unless the caller adds it.
///
/// With the feature `serde`:
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use labelgate::{Action, Matrix, Role, ScopeCtx};
///
/// let audit = Matrix::BUILT_IN.audit(Role::Reviewer, Action::ExportData, ScopeCtx::organization());
/// assert_eq!(
///     serde_json::to_value(audit).unwrap(),
///     serde_json::json!({
///         "role": "RE",
///         "action": "data.export",
///         "facts": {"organization": true},
///         "allowed": false,
///         "reason": "role_never_holds",
///         "matrix": Matrix::BUILT_IN.fingerprint().to_string(),
///     }),
/// );
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Audit {
    /// The role that counted.
    pub role: Role,
    /// The action asked about.
    pub action: Action,
    /// How the resource was held.
    pub facts: ScopeCtx,
    /// The answer.
    pub allowed: bool,
    /// Why it was no, if it was.
    pub reason: Option<Reason>,
    /// The matrix that answered.
    pub matrix: Fingerprint,
}

#[cfg(feature = "serde")]
crate::serial::object!(Audit { role, action, facts, allowed, reason, matrix });

impl Audit {
    /// Whether the matrix is the one that answered, and answers so: that the record is as it was
    /// made.
    #[must_use]
    pub fn agrees_with(&self, matrix: &Matrix) -> bool {
        *self == matrix.audit(self.role, self.action, self.facts)
    }
}

impl Matrix {
    /// The record of a decision by this matrix.
    #[must_use]
    pub const fn audit(&self, role: Role, action: Action, facts: ScopeCtx) -> Audit {
        let reason = match self.decide(role, action, facts) {
            Ok(_) => None,
            Err(denied) => Some(denied.reason()),
        };
        let allowed = reason.is_none();
        Audit { role, action, facts, allowed, reason, matrix: self.fingerprint() }
    }

    /// A number for the whole matrix that changes with any cell, and with nothing else: the 64-bit
    /// FNV-1a hash of its cells, the same on every machine. Changing one cell always changes it; that
    /// two matrices which differ in several cells share one is as unlikely as a 64-bit collision. It
    /// tells versions apart, and is no protection against somebody who forges a matrix.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut roles: &[Role] = &Role::ALL;
        while let [role, other_roles @ ..] = roles {
            let mut actions: &[Action] = &Action::ALL;
            while let [action, other_actions @ ..] = actions {
                let cell: Scopes = self.scopes(*role, *action);
                hash = (hash ^ cell.bits() as u64).wrapping_mul(0x0100_0000_01b3);
                actions = other_actions;
            }
            roles = other_roles;
        }
        Fingerprint(hash)
    }
}

/// The [fingerprint](Matrix::fingerprint) of a matrix; 16 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fingerprint(u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        u64::from_str_radix(text, 16)
            .ok()
            .filter(|_| text.len() == 16 && text.as_bytes().iter().all(is_hex))
            .map(Self)
            .ok_or_else(|| InvalidFingerprint(Excerpt::new(text)))
    }
}

/// A text that is not 16 hexadecimal digits in lower case.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a fingerprint `{0}`")]
pub struct InvalidFingerprint(Excerpt);

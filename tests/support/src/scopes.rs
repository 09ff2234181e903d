//! A decision by scopes, in plain code over the text of the oracle's matrix.

use labelgate::ScopeCtx;

use crate::oracle::cell;

/// What is so, before anyone asks whether it can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScopeFacts {
    pub organization: bool,
    pub workspace: bool,
    pub project: bool,
    pub own: bool,
    pub own_permitted: bool,
}

impl ScopeFacts {
    /// All 32 combinations, the impossible ones among them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..32).map(|bits| Self {
            organization: bits & 1 != 0,
            workspace: bits & 2 != 0,
            project: bits & 4 != 0,
            own: bits & 8 != 0,
            own_permitted: bits & 16 != 0,
        })
    }

    pub fn possible(self) -> bool {
        let any = self.workspace || self.project || self.own || self.own_permitted;
        (self.organization || !any) && (self.own || !self.own_permitted)
    }

    /// By the builder, as a user would spell it.
    pub fn context(self) -> ScopeCtx {
        assert!(self.possible());
        if !self.organization {
            return ScopeCtx::outside();
        }
        let mut ctx = ScopeCtx::organization();
        if self.workspace {
            ctx = ctx.in_workspace();
        }
        if self.project {
            ctx = ctx.in_project();
        }
        if self.own {
            ctx = ctx.own();
        }
        if self.own_permitted {
            ctx = ctx.own_permitted();
        }
        ctx
    }
}

/// All that can be so, each with its context.
pub fn worlds() -> impl Iterator<Item = (ScopeFacts, ScopeCtx)> {
    ScopeFacts::all().filter(|facts| facts.possible()).map(|facts| (facts, facts.context()))
}

/// The oracle's decision.
pub fn may(role: &str, key: &str, facts: ScopeFacts) -> bool {
    facts.organization
        && cell(role, key).split_whitespace().any(|letter| match letter {
            "-" => false,
            "O" => facts.own,
            "O?" => facts.own && facts.own_permitted,
            "P" => facts.project,
            "W" => facts.workspace,
            "G" => true,
            other => panic!("no letter of the specification: {other}"),
        })
}

//! A decision by scopes, in plain code over the text of the oracle's matrix.

#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

use labelgate::ScopeCtx;

pub(crate) mod narrowed;
pub(crate) mod oracle;
pub(crate) mod rows;
pub(crate) mod tables;

pub(crate) use oracle::{CODES, COLUMNS, Row, TABLE, cell, guard, kind};

/// What is so, before anyone asks whether it can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Facts {
    pub(crate) organization: bool,
    pub(crate) workspace: bool,
    pub(crate) project: bool,
    pub(crate) own: bool,
    pub(crate) own_permitted: bool,
}

impl Facts {
    /// All 32 combinations, the impossible ones among them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..32).map(|bits| Self {
            organization: bits & 1 != 0,
            workspace: bits & 2 != 0,
            project: bits & 4 != 0,
            own: bits & 8 != 0,
            own_permitted: bits & 16 != 0,
        })
    }

    pub(crate) fn possible(self) -> bool {
        let any = self.workspace || self.project || self.own || self.own_permitted;
        (self.organization || !any) && (self.own || !self.own_permitted)
    }

    /// By the builder, as a user would spell it.
    pub(crate) fn context(self) -> ScopeCtx {
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
pub(crate) fn worlds() -> impl Iterator<Item = (Facts, ScopeCtx)> {
    Facts::all().filter(|facts| facts.possible()).map(|facts| (facts, facts.context()))
}

/// The oracle's decision.
pub(crate) fn may(role: &str, key: &str, facts: Facts) -> bool {
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

//! Teaches where the rules are: draws the two tables, and the way of a request through them, as an SVG.
//!
//! `cargo run -p labelgate-examples -- picture > src/guide/picture.svg`

use labelgate::{Action, Fact, Facts, Kind, Matrix, Role, Scope, ScopeCtx};

/// A picture that brings its own light ground, so that it can be read on a dark page too. It has no
/// styles, which would reach into the page that it stands in.
struct Picture(String);

const INK: &str = "#1f2937";
const FAINT: &str = "#64748b";
const LINE: &str = "#cbd5e1";

impl Picture {
    fn rect(&mut self, [x, y, width, height]: [u32; 4], fill: &str) {
        self.0 += &format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\" fill=\"{fill}\" \
             stroke=\"{LINE}\"/>\n"
        );
    }

    fn text(&mut self, x: u32, y: u32, look: &str, text: &str) {
        self.0 += &format!("<text x=\"{x}\" y=\"{y}\" {look}>{text}</text>\n");
    }

    fn heading(&mut self, x: u32, y: u32, title: &str, below: &str) {
        self.text(x, y, "font-weight=\"bold\" font-size=\"14\"", title);
        self.text(x, y + 17, &format!("fill=\"{FAINT}\""), below);
    }

    /// From point to point, with a head at the last.
    fn arrow(&mut self, points: &str) {
        self.0 += &format!(
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{FAINT}\" stroke-width=\"2\" \
             marker-end=\"url(#labelgate-head)\"/>\n"
        );
    }
}

/// A colour for each scope.
const fn ground(scope: Scope) -> &'static str {
    match scope {
        Scope::Own | Scope::OwnPermitted => "#fde68a",
        Scope::Project => "#bbf7d0",
        Scope::Workspace => "#bfdbfe",
        Scope::Organization => "#e9d5ff",
    }
}

/// The facts of which one gives the scope, some of them only together with another.
fn giving(kind: Kind, scope: Scope) -> Vec<String> {
    let gives = |facts: Facts| ScopeCtx::from_facts(Role::Manager, kind, facts).holds(scope);
    let added = Facts::none().with(Fact::ProjectMember);
    let facts = Fact::ALL.into_iter().filter_map(|fact| match () {
        // It implies another fact, which is in the list already.
        () if fact == Fact::Assignee && scope != Scope::Own => None,
        () if gives(Facts::none()) => None,
        () if gives(Facts::none().with(fact)) => Some(fact.to_string()),
        () if !gives(added) && gives(added.with(fact)) => Some(format!("{fact} (in the project)")),
        () => None,
    });
    facts.collect()
}

pub fn picture() -> String {
    let mut picture = Picture(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1214 706\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"{INK}\" role=\"img\" aria-label=\"A request goes from facts through the \
         reach table and the matrix to a decision; a list goes the other way\">\n\
         <defs><marker id=\"labelgate-head\" markerWidth=\"8\" markerHeight=\"8\" refX=\"6\" refY=\"3\" \
         orient=\"auto\"><path d=\"M0,0 L6,3 L0,6 z\" fill=\"{FAINT}\"/></marker></defs>\n"
    ));
    picture.rect([0, 0, 1214, 706], "#ffffff");
    facts(&mut picture);
    reach(&mut picture);
    matrix(&mut picture);
    answers(&mut picture);
    picture.0 + "</svg>\n"
}

fn facts(picture: &mut Picture) {
    picture.heading(20, 34, "1. What is known", "of one user and one resource");
    picture.rect([20, 64, 196, 42], "#f1f5f9");
    picture.text(30, 81, "", "a row of your database,");
    picture.text(30, 97, "", "selected with its facts");
    picture.rect([20, 114, 196, 42], "#f1f5f9");
    picture.text(30, 131, "", "or facts that your code");
    picture.text(30, 147, "", "adds up");
    picture.arrow("118,158 118,178");
    picture.rect([20, 182, 196, 250], "#f8fafc");
    picture.text(30, 202, "font-weight=\"bold\"", "Facts: one small integer");
    for fact in Fact::ALL {
        let y = 226 + 21 * fact as u32;
        picture.text(30, y, &format!("fill=\"{FAINT}\""), &(fact as u8).to_string());
        picture.text(48, y, "font-family=\"monospace\"", &fact.to_string());
    }
    picture.arrow("218,300 246,300");
}

fn reach(picture: &mut Picture) {
    picture.heading(256, 34, "2. The reach table", "which facts give which scope");
    let scopes = [Scope::Own, Scope::Project, Scope::Workspace, Scope::Organization];
    let mut y = 64;
    for (kind, height) in Kind::ALL.into_iter().zip([28, 72, 90, 90]) {
        picture.rect([256, y, 350, height], "#f8fafc");
        // A task and a record have the same line, of which each has other facts.
        let title = if kind == Kind::Task { "Task, Record" } else { &format!("{kind:?}") };
        picture.text(266, y + 17, "font-weight=\"bold\"", title);
        let mut line = y + 17;
        for scope in scopes {
            let facts = giving(kind, scope);
            let always = ScopeCtx::from_facts(Role::Manager, kind, Facts::none()).holds(scope);
            if facts.is_empty() && !always {
                continue;
            }
            let facts = if always { vec!["every member".to_owned()] } else { facts };
            picture.rect([356, line - 12, 20, 15], ground(scope));
            picture.text(366, line, "text-anchor=\"middle\" font-size=\"11\"", scope.symbol());
            for pair in facts.chunks(2) {
                let look = "font-family=\"monospace\" font-size=\"10\"";
                picture.text(382, line, look, &pair.join(", "));
                line += 14;
            }
            line += 4;
        }
        y += height + 10;
    }
    let faint = format!("fill=\"{FAINT}\"");
    for (at, line) in [
        "O own, P project, W workspace, G organization; O? own, if the",
        "project lets annotators view their own data.",
        "In a project, annotators and reviewers count as what they act",
        "as there, and having created it gives them nothing.",
    ]
    .into_iter()
    .enumerate()
    {
        picture.text(256, y + 16 + 18 * at as u32, &faint, line);
    }
    picture.arrow("608,300 634,300");
}

fn matrix(picture: &mut Picture) {
    picture.heading(644, 34, "3. The matrix", "which scopes suffice, by role and action");
    let roles = || Role::ALL.into_iter().rev().filter(|role| role.is_active());
    let column = |at: usize| 824 + 44 * at as u32;
    for (at, role) in roles().enumerate() {
        picture.text(
            column(at) + 20,
            66,
            "text-anchor=\"middle\" font-weight=\"bold\"",
            role.code(),
        );
    }
    for action in Action::ALL {
        let y = 85 + 17 * action as u32;
        picture.text(644, y, "font-family=\"monospace\" font-size=\"11\"", action.key());
        for (at, role) in roles().enumerate() {
            let scopes = Matrix::BUILT_IN.scopes(role, action);
            // The widest scope says how far the role reaches.
            let fill = scopes.elements().last().map_or("#ffffff", ground);
            let symbols: Vec<_> = scopes.elements().map(Scope::symbol).collect();
            picture.rect([column(at), y - 12, 40, 15], fill);
            let look = "text-anchor=\"middle\" font-size=\"10\"";
            picture.text(column(at) + 20, y - 1, look, &symbols.join(" "));
        }
    }
    picture.arrow("1044,300 1062,300");
}

fn answers(picture: &mut Picture) {
    picture.heading(1070, 34, "4. The answer", "one scope is enough");
    for (at, (title, words)) in [
        ("Permit", ["owns the row; the", "store asks for it"]),
        ("Denied", ["403, or 404 where", "even viewing is"]),
        ("Actions", ["all that the page", "may show"]),
        ("Audit", ["the record for", "the log"]),
    ]
    .into_iter()
    .enumerate()
    {
        let y = 64 + 102 * at as u32;
        picture.rect([1070, y, 124, 72], "#f1f5f9");
        picture.text(1080, y + 20, "font-weight=\"bold\"", title);
        picture.text(1080, y + 40, "", words[0]);
        picture.text(1080, y + 56, "", words[1]);
    }

    picture.heading(
        20,
        614,
        "A list reads both tables backwards",
        "which facts suffice for this role and action?",
    );
    for (x, width, title, words) in [
        (20, 230, "Filter", "a few alternatives over facts"),
        (290, 260, "Listing", "whose list, within which row"),
        (570, 340, "in SQL", "a page, a set, a search, the facts of a row"),
        (930, 264, "in PostgreSQL", "policies of row-level security"),
    ] {
        picture.rect([x, 644, width, 46], "#f1f5f9");
        picture.text(x + 10, 662, "font-weight=\"bold\"", title);
        picture.text(x + 10, 680, "", words);
    }
    picture.arrow("252,667 280,667");
}

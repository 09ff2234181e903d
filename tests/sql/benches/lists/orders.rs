//! Pages in the order of a column, pages with a number, totals and searches: against the better of two queries by
//! hand, one of which finds the user's rows and sorts them, while the other walks the index of the order.

use super::*;

/// The projects that an annotator is in.
const SET: &str = "SELECT project_id FROM project_members WHERE user_id = $1 UNION ALL SELECT project_id FROM task_assignees WHERE user_id = $1";
const MATCHES: &str =
    "(EXISTS (SELECT 1 FROM project_members m WHERE m.project_id = p.id AND m.user_id = $1)
    OR EXISTS (SELECT 1 FROM task_assignees a WHERE a.user_id = $1 AND a.project_id = p.id))";

impl<E: Measured> Bench<'_, E> {
    pub(super) fn orders(&mut self) {
        for (name, user, ..) in NAMES {
            let subject = Subject::new(OrganizationId(ORGANIZATION), UserId(user), Role::Annotator);
            let listing = subject.authorize_list(act::ViewProject).expect("projects");
            for (order, page) in [
                ("DESC", Page::of(PAGE).by("created_at").descending()),
                ("ASC", Page::of(PAGE).by("created_at")),
            ] {
                let hand = self.sorted_by_hand(user, order, "", "");
                let query = self.sorted(&listing, &page);
                self.line(&format!("created_at {order}, {name}"), &query, Some(hand), None, true);

                let last = self.sorted(&listing, &page.clone().offset(10 * PAGE - 1));
                let (sql, binds) = self.build(&last);
                let last = self.engine.rows(&sql, &binds).into_iter().next();
                let Some([Value::Integer(id), _, Value::Integer(value)]) = last.as_deref() else {
                    continue;
                };
                let query = self.sorted(&listing, &page.clone().after(*value, *id));
                let after = self.after(order, *value, *id);
                let hand = self.sorted_by_hand(user, order, &after, "");
                self.line(&format!("{order}, after 500, {name}"), &query, Some(hand), None, true);
                let query = self.sorted(&listing, &page.clone().offset(10 * PAGE));
                let hand = self.sorted_by_hand(user, order, "", " OFFSET 500");
                self.line(&format!("{order}, page 11, {name}"), &query, Some(hand), None, true);
            }
            self.totals(name, user, &listing);
            for (what, from, to) in
                [("rare", "Project 77", "Project 7701"), ("common", "Project 1", "Project 6")]
            {
                self.search(&format!("{what} title, {name}"), user, &listing, [from, to]);
            }
        }
        self.of_everything();
    }

    /// Totals: exact, and up to 1,000.
    fn totals<A>(&mut self, name: &str, user: i64, listing: &Listing<A, OrganizationId<i64>>) {
        let query = self.schema.count(listing, &Page::of(1_001));
        let page = pages_by_hand(user, i64::MIN);
        let count = |page: String| {
            format!(
                "SELECT count(*) FROM ({} LIMIT 1001) AS page",
                page.replace("LIMIT 50", "LIMIT 1001")
            )
        };
        let hand = Hand { sqlite: count(page.sqlite), postgres: count(page.postgres), ..page };
        self.line(&format!("total up to 1,000, {name}"), &query, Some(hand), None, true);
    }

    fn search<A>(
        &mut self,
        case: &str,
        user: i64,
        listing: &Listing<A, OrganizationId<i64>>,
        [from, to]: [&'static str; 2],
    ) {
        let title = || Expr::col(("projects", "title"));
        let found = title().gte(from).and(title().lt(to));
        let query = self.sorted(listing, &Page::of(PAGE).search(found));
        let found = format!("p.title >= '{from}' AND p.title < '{to}'");
        let columns = "p.id, p.title, p.created_at";
        let by_title = format!(
            "SELECT {columns} FROM projects p WHERE {found} AND p.organization_id = $2 AND {MATCHES} ORDER BY p.id LIMIT 50"
        );
        let mut page = pages_by_hand(user, i64::MIN);
        for sql in [&mut page.sqlite, &mut page.postgres] {
            *sql = sql.replace("SELECT p.id, p.title", &format!("SELECT {columns}")).replace(
                "q.organization_id =",
                &format!("{} AND q.organization_id =", found.replace("p.", "q.")),
            );
        }
        let by_title = Hand {
            sqlite: by_title.replace('$', "?"),
            postgres: by_title,
            binds: vec![user, ORGANIZATION],
        };
        let hand = self.better(by_title, page);
        self.line(case, &query, Some(hand), None, true);
    }

    /// Lists that ask about no membership of projects, and lists of tasks.
    fn of_everything(&mut self) {
        let here = OrganizationId(ORGANIZATION);
        let admin = Subject::new(here, UserId(99), Role::Administrator);
        let page = Page::of(PAGE).by("created_at").descending();
        let listing = admin.authorize_list(act::ViewProject).expect("projects");
        let projects = "SELECT p.id, p.title, p.created_at FROM projects p WHERE p.organization_id = $1 ORDER BY p.created_at DESC, p.id DESC LIMIT 50";
        let query = self.sorted(&listing, &page);
        let hand = of(projects, &[ORGANIZATION]);
        self.line("created_at DESC, administrator", &query, Some(hand), None, true);

        let large = admin.row(ProjectId(LARGE), here, Facts::none()).expect("a row");
        let listing = admin.authorize_list_in(act::ViewProjectData, &large).expect("tasks");
        let tasks = "SELECT t.id, t.data, t.created_at FROM tasks t WHERE t.project_id = (SELECT id FROM projects WHERE id = $2 AND organization_id = $1) ORDER BY t.created_at DESC, t.id DESC LIMIT 50";
        let query = self.sorted(&listing, &page);
        let hand = of(tasks, &[ORGANIZATION, LARGE]);
        self.line("tasks of one project, administrator", &query, Some(hand), None, true);

        for (name, user, ..) in NAMES {
            let subject = Subject::new(here, UserId(user), Role::Annotator);
            let listing = subject.authorize_list(act::ViewAnnotatorDashboard).expect("tasks");
            let acts = "NOT EXISTS (SELECT 1 FROM project_roles r WHERE r.project_id = t.project_id AND r.user_id = $1 AND r.role = 'RE'
                AND NOT EXISTS (SELECT 1 FROM project_roles s WHERE s.project_id = t.project_id AND s.user_id = $1 AND s.role = 'AN'))";
            let sort = format!(
                "SELECT t.id, t.data, t.created_at FROM task_assignees a JOIN tasks t ON t.id = a.task_id JOIN projects p ON p.id = t.project_id AND p.organization_id = $2
                WHERE a.user_id = $1 AND {acts} ORDER BY t.created_at DESC, t.id DESC LIMIT 50"
            );
            let walk = format!(
                "SELECT t.id, t.data, t.created_at FROM tasks t WHERE EXISTS (SELECT 1 FROM projects p WHERE p.id = t.project_id AND p.organization_id = $2)
                AND EXISTS (SELECT 1 FROM task_assignees a WHERE a.task_id = t.id AND a.user_id = $1) AND {acts} ORDER BY t.created_at DESC, t.id DESC LIMIT 50"
            );
            let hand =
                self.better(of(&sort, &[user, ORGANIZATION]), of(&walk, &[user, ORGANIZATION]));
            let query = self.sorted(&listing, &page);
            self.line(
                &format!("own tasks, created_at DESC, {name}"),
                &query,
                Some(hand),
                None,
                true,
            );
        }

        let manager = Subject::new(here, UserId(MANAGER), Role::Manager);
        let listing = manager.authorize_list(act::ExportData).expect("projects");
        let through = "SELECT id FROM workspaces WHERE created_by = $1 AND organization_id = $2 UNION ALL SELECT w.id FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = $1 AND w.organization_id = $2 AND NOT w.is_personal";
        let sorted = "ORDER BY p.created_at DESC, p.id DESC LIMIT 50";
        let walk = format!(
            "SELECT p.id, p.title, p.created_at FROM projects p WHERE p.organization_id = $2
            AND (p.workspace_id IN ({through}) OR p.created_by = $1 OR {MATCHES}) {sorted}"
        );
        let sort = format!(
            "SELECT p.id, p.title, p.created_at FROM projects p WHERE p.organization_id = $2 AND p.id IN (
                SELECT q.id FROM projects q WHERE q.workspace_id IN ({through}) UNION ALL SELECT id FROM projects WHERE created_by = $1 UNION ALL {SET}) {sorted}"
        );
        let binds = [MANAGER, ORGANIZATION];
        let hand = self.better(of(&sort, &binds), of(&walk, &binds));
        let query = self.sorted(&listing, &page);
        self.line("created_at DESC, manager, 100 workspaces", &query, Some(hand), None, true);
    }

    fn sorted<A, Id: RowId<Value = i64>, By>(
        &self,
        listing: &Listing<A, Id, i64>,
        page: &Page<By>,
    ) -> SelectStatement {
        let (table, text) = match listing.kind() {
            Kind::Task => ("tasks", "data"),
            _ => ("projects", "title"),
        };
        let columns = [(table, "id"), (table, text), (table, "created_at")];
        let mut query = Query::select().columns(columns).from(table).to_owned();
        self.schema.paginate(&mut query, listing, page);
        query
    }

    /// What follows a cursor, by hand: one condition.
    fn after(&self, order: &str, value: i64, id: i64) -> String {
        let sign = if order == "DESC" { "<" } else { ">" };
        let nulls_last = (order == "DESC") == (self.engine.dialect() == Dialect::Sqlite);
        let or_null = if nulls_last { " OR p.created_at IS NULL" } else { "" };
        format!(" AND ((p.created_at, p.id) {sign} ({value}, {id}){or_null})")
    }

    fn sorted_by_hand(&mut self, user: i64, order: &str, after: &str, offset: &str) -> Hand {
        let page = |condition: &str| {
            format!(
                "SELECT p.id, p.title, p.created_at FROM projects p WHERE {condition}{after} ORDER BY p.created_at {order}, p.id {order} LIMIT 50{offset}"
            )
        };
        // The plus keeps SQLite from walking the organization.
        let sort = Hand {
            sqlite: page(&format!("+p.organization_id = $2 AND p.id IN ({SET})")).replace('$', "?"),
            postgres: page(&format!("p.organization_id = $2 AND p.id = ANY(ARRAY({SET}))")),
            binds: vec![user, ORGANIZATION],
        };
        let walk =
            of(&page(&format!("p.organization_id = $2 AND {MATCHES}")), &[user, ORGANIZATION]);
        self.better(sort, walk)
    }

    /// The query by hand that touches less.
    fn better(&mut self, one: Hand, other: Hand) -> Hand {
        let mut touched = |hand: &Hand| {
            let sql = match self.engine.dialect() {
                Dialect::Sqlite => &hand.sqlite,
                Dialect::Postgres => &hand.postgres,
            };
            let binds: Vec<_> = hand.binds.iter().copied().map(Value::Integer).collect();
            self.engine.measure(sql, &binds).1
        };
        if touched(&one) <= touched(&other) { one } else { other }
    }
}

fn of(sql: &str, binds: &[i64]) -> Hand {
    Hand { sqlite: sql.replace('$', "?"), postgres: sql.to_owned(), binds: binds.to_vec() }
}

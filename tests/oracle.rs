//! The oracle, against what the pages say follows from their tables.

use labelgate_test_support::oracle::{self, CODES, FACTS, TABLE, all, bit, bits, holds};

fn keys() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|row| row.1)
}

/// All facts, and the state outside.
fn states() -> impl Iterator<Item = Option<u16>> {
    std::iter::once(None).chain(all().map(Some))
}

fn describe(facts: u16) -> Vec<&'static str> {
    FACTS.iter().map(|fact| fact.0).filter(|name| holds(facts, name)).collect()
}

#[test]
fn facts_are_numbered_in_the_order_of_the_table() {
    use oracle::*;
    #[rustfmt::skip]
    let constants = [
        WORKSPACE_CREATOR, WORKSPACE_MEMBER, PROJECT_CREATOR, PROJECT_MEMBER, PROJECT_ASSIGNEE,
        ACTS_AS_ANNOTATOR, ACTS_AS_REVIEWER, OWN_DATA_PERMITTED, ASSIGNEE, AUTHOR,
    ];
    for (n, ((name, _), constant)) in FACTS.into_iter().zip(constants).enumerate() {
        assert_eq!((bit(name), constant), (1 << n, 1 << n), "{name}");
    }
    assert_eq!(level("Workspace"), 0b00_0000_0011);
    assert_eq!(level("Project"), 0b00_1111_1100);
    assert_eq!(level("Task"), 0b01_0000_0000);
    assert_eq!(level("Record"), 0b10_0000_0000);
    assert_eq!(bits(&["workspace_member", "author"]), 0b10_0000_0010);
}

/// A row has the facts of its own level and of those that it stands in.
#[test]
fn facts_are_known_from_their_level_inwards() {
    let outer = ["Organization", "Workspace", "Project"];
    for (kind, around) in [
        ("Organization", &outer[..0]),
        ("Workspace", &outer[..1]),
        ("Project", &outer[..2]),
        ("Task", &outer[..]),
        ("Record", &outer[..]),
    ] {
        let levels = around.iter().chain([&kind]).fold(0, |bits, of| bits | oracle::level(of));
        for facts in all() {
            assert_eq!(oracle::known(kind, facts), facts & levels, "{kind}");
            let inside: Vec<_> = oracle::inside(kind, facts).collect();
            assert!(inside.contains(&(facts & levels & !oracle::ASSIGNEE)), "{kind}");
        }
    }
    let inside = |within, bits| oracle::inside(within, bits).count();
    assert_eq!(inside("Organization", 0), all().count());
    assert_eq!(inside("Workspace", oracle::WORKSPACE_MEMBER), all().count() / 4);
    assert_eq!(inside("Project", oracle::PROJECT_MEMBER), 2); // by an author, or not
    assert_eq!(inside("Project", oracle::PROJECT_ASSIGNEE), 4);
    assert_eq!(inside("Task", oracle::PROJECT_ASSIGNEE | oracle::ASSIGNEE), 2);
}

#[test]
fn one_more_fact_never_takes_anything_away() {
    for role in CODES {
        for key in keys() {
            for facts in all().filter(|&facts| oracle::may(role, key, Some(facts))) {
                for more in
                    (0..FACTS.len()).map(|n| facts | 1 << n).filter(|&more| oracle::possible(more))
                {
                    let permitted = oracle::may(role, key, Some(more));
                    assert!(permitted, "{role} {key} {:?}", describe(facts));
                }
            }
        }
    }
}

#[test]
fn a_more_powerful_role_may_do_what_a_weaker_one_may() {
    let chain = ["AN", "RE", "MA", "AD", "OW"];
    for key in keys().filter(|&key| key != "annotator_dashboard.view") {
        for facts in states() {
            for pair in chain.windows(2) {
                let (weaker, stronger) =
                    (oracle::may(pair[0], key, facts), oracle::may(pair[1], key, facts));
                assert!(stronger || !weaker, "{pair:?} {key} {:?}", facts.map(describe));
            }
        }
    }
    // The exception is one: an annotator has a dashboard, and a manager has none.
    let facts = Some(bits(&["project_member", "acts_as_annotator", "author"]));
    assert!(oracle::may("AN", "annotator_dashboard.view", facts));
    assert!(!oracle::may("MA", "annotator_dashboard.view", facts));
}

#[test]
fn nothing_is_permitted_on_a_thing_that_is_hidden() {
    for role in CODES {
        for key in keys() {
            for facts in states() {
                let permitted = oracle::may(role, key, facts);
                let hidden = oracle::hidden(role, key, facts);
                assert!(!(permitted && hidden), "{role} {key} {:?}", facts.map(describe));
                assert!(hidden || facts.is_some(), "{role} {key} outside");
            }
        }
    }
    assert!(!oracle::hidden("AN", "workspaces.create", Some(0)));
    assert!(oracle::hidden("AN", "organizations.invite", Some(0)));
}

#[test]
fn outside_and_without_a_role_nothing_is_permitted() {
    for key in keys() {
        assert!(CODES.iter().all(|role| !oracle::may(role, key, None)));
        let anything = |_: &str, _: &str| "G".to_owned();
        for facts in all() {
            for role in ["NO", "DI"] {
                assert!(!oracle::may_in(&anything, role, key, Some(facts)), "{role} {key}");
            }
            // Nobody: not even what a matrix gives to everyone.
            let nobody = !holds(facts, "acts_as_annotator") && !holds(facts, "acts_as_reviewer");
            let in_project = matches!(oracle::kind(key), "Project" | "Task" | "Record");
            for role in ["AN", "RE"] {
                let permitted = oracle::may_in(&anything, role, key, Some(facts));
                assert_eq!(permitted, !(nobody && in_project), "{role} {key}");
            }
        }
    }
}

/// Asserts that facts pass exactly where all of an alternative hold.
#[track_caller]
fn passes(decision: impl Fn(u16) -> bool, of: impl Fn(u16) -> bool, alternatives: &[&[&str]]) {
    for facts in all().filter(|&facts| of(facts)) {
        let expected = alternatives.iter().any(|all| all.iter().all(|fact| holds(facts, fact)));
        assert_eq!(decision(facts), expected, "{:?}", describe(facts));
    }
}

/// The rows of the page's table of filters.
#[test]
fn what_the_page_says_of_filters_is_so() {
    let any = |_| true;
    let may = |role, key| move |facts| oracle::may(role, key, Some(facts));
    for role in ["AD", "OW"] {
        for key in keys() {
            let everything: &[&[&str]] = &[&[]];
            let held = oracle::cell(role, key) != "-";
            passes(may(role, key), any, if held { everything } else { &[] });
        }
    }
    passes(may("MA", "projects.view"), any, &[&[]]);
    passes(
        may("MA", "data.export"),
        any,
        &[
            &["project_creator"],
            &["project_member"],
            &["project_assignee"],
            &["workspace_creator"],
            &["workspace_member"],
        ],
    );
    let theirs: &[&[&str]] = &[&["project_creator"], &["workspace_creator"], &["workspace_member"]];
    passes(may("MA", "api.use"), any, theirs);
    for role in ["AN", "RE"] {
        passes(
            may(role, "projects.view"),
            any,
            &[
                &["project_member", "acts_as_annotator"],
                &["project_member", "acts_as_reviewer"],
                &["project_assignee", "acts_as_annotator"],
                &["project_assignee", "acts_as_reviewer"],
            ],
        );
        passes(
            may(role, "annotations.review"),
            any,
            &[&["acts_as_reviewer", "project_member"], &["acts_as_reviewer", "project_assignee"]],
        );
        passes(
            may(role, "data.view"),
            any,
            &[
                &["acts_as_reviewer", "project_member"],
                &["acts_as_reviewer", "project_assignee"],
                &["acts_as_annotator", "own_data_permitted", "assignee"],
                &["acts_as_annotator", "own_data_permitted", "author", "project_member"],
                &["acts_as_annotator", "own_data_permitted", "author", "project_assignee"],
            ],
        );
        let given = bits(&["project_member", "acts_as_annotator", "own_data_permitted"]);
        passes(
            may(role, "data.view"),
            |facts| facts & given == given,
            &[&["assignee"], &["author"]],
        );
        let reached = bits(&["project_member", "project_assignee"]);
        passes(may(role, "data.view"), |facts| facts & reached == 0, &[]);
    }
}

/// How many alternatives a filter has: the smallest facts that pass, and no part of which does.
fn alternatives(passes: impl Fn(u16) -> bool) -> usize {
    let passing: Vec<_> =
        (0..1 << FACTS.len()).map(|facts| oracle::possible(facts) && passes(facts)).collect();
    let is_smallest = |facts: &usize| {
        passing[*facts]
            && !(0..FACTS.len()).any(|n| facts & 1 << n != 0 && passing[facts & !(1 << n)])
    };
    (0..1 << FACTS.len()).filter(is_smallest).count()
}

#[test]
fn filters_have_as_many_alternatives_as_the_page_says() {
    let passes = |role, key| move |facts| oracle::may(role, key, Some(facts));
    let built_in =
        CODES.iter().flat_map(|role| keys().map(|key| alternatives(passes(role, key)))).max();
    assert_eq!(built_in, Some(5));

    // Any cell. A filter of an annotator is that of the two that they may act as, side by side, so it
    // is longest where both have the longest.
    #[rustfmt::skip]
    let cells = [
        "-", "O?", "O", "P", "W", "O? P", "O P", "O? W", "O W", "P W", "O? P W", "O P W", "G",
    ];
    let keys = ["members.view", "workspaces.view", "projects.view", "data.view"];
    let (mut any, mut narrowed) = (0, 0);
    for role in ["AN", "MA"] {
        for cell in cells {
            for key in keys {
                let matrix = |_: &str, _: &str| cell.to_owned();
                let passes = |facts| oracle::may_in(&matrix, role, key, Some(facts));
                any = any.max(alternatives(passes));
                for api in cells {
                    let matrix = |_: &str, asked: &str| {
                        if asked == "api.use" { api.to_owned() } else { cell.to_owned() }
                    };
                    let facts =
                        |facts| oracle::narrowed_in(&matrix, role, key, Some(facts), true, None);
                    narrowed = narrowed.max(alternatives(facts));
                }
            }
        }
    }
    assert_eq!((any, narrowed), (10, 14));
}

#[test]
fn through_the_api_what_the_role_lacks_is_denied() {
    let any = |_| true;
    let api = |role, key| move |facts| oracle::narrowed(role, key, Some(facts), true, None);
    for role in ["AN", "RE", "NO", "DI"] {
        for key in keys() {
            passes(api(role, key), any, &[]);
        }
    }
    // A manager exports what is theirs, but not what they were merely invited to.
    let theirs: &[&[&str]] = &[&["project_creator"], &["workspace_creator"], &["workspace_member"]];
    passes(api("MA", "data.export"), any, theirs);
    passes(api("MA", "projects.view"), any, theirs);
    passes(api("MA", "api.use"), any, theirs);
    // For workspaces and organizations it is enough that the role has the row.
    passes(api("MA", "workspaces.view"), any, &[&[]]);
    passes(api("MA", "workspaces.change"), any, &[&["workspace_creator"], &["workspace_member"]]);
    passes(api("MA", "workspaces.create"), any, &[&[]]);
    for role in ["AD", "OW"] {
        for key in keys() {
            passes(api(role, key), any, if oracle::may(role, key, Some(0)) { &[&[]] } else { &[] });
        }
    }
}

#[test]
fn in_an_organization_it_is_the_role_there_that_needs_the_row_of_the_api() {
    // Reviewers may use the API; somebody who is one in a project only is none on the People page.
    let matrix = |role: &str, key: &str| match (role, key) {
        ("RE", "api.use") => "P".to_owned(),
        ("AN" | "RE", "members.view") => "G".to_owned(),
        _ => oracle::cell(role, key).to_owned(),
    };
    let reviewer = Some(bits(&["project_member", "acts_as_reviewer"]));
    let narrowed = |role, key| oracle::narrowed_in(&matrix, role, key, reviewer, true, None);
    assert!(narrowed("AN", "annotations.review"));
    assert!(!narrowed("AN", "members.view"));
    assert!(narrowed("RE", "members.view"));
}

#[test]
fn a_limit_takes_the_action_and_its_guard() {
    let member = Some(bits(&["project_member"]));
    let permitted = |key, limit: &[&str]| oracle::narrowed("MA", key, member, false, Some(limit));
    assert!(!permitted("data.export", &[]));
    assert!(!permitted("data.export", &["data.export"]));
    assert!(!permitted("data.export", &["projects.view"]));
    assert!(permitted("data.export", &["data.export", "projects.view"]));
    assert!(permitted("projects.view", &["projects.view"]));
    assert!(permitted("workspaces.create", &["workspaces.create"]));
    // What the person does not hold, no set gives.
    assert!(!permitted("members.activate", &["members.activate", "members.view"]));
    // The limit is not asked whether the API may be used; the person is.
    let set: &[&str] = &["data.export", "projects.view"];
    let theirs = Some(bit("project_creator"));
    assert!(oracle::narrowed("MA", "data.export", theirs, true, Some(set)));
    assert!(!oracle::narrowed("MA", "data.export", member, true, Some(set)));
}

#[test]
fn narrowing_never_widens_and_never_hides_what_it_permits() {
    let views = ["members.view", "workspaces.view", "projects.view"];
    let some = ["workspaces.create", "projects.create", "projects.view", "data.view", "api.use"];
    let every: Vec<_> = keys().collect();
    for limit in [None, Some(&views[..]), Some(&some[..]), Some(&every[..])] {
        for through_api in [false, true] {
            for role in CODES {
                for key in keys() {
                    for facts in states() {
                        let may = oracle::may(role, key, facts);
                        let narrowed = oracle::narrowed(role, key, facts, through_api, limit);
                        let hidden = oracle::narrowed_hidden(role, key, facts, through_api, limit);
                        let case = (role, key, facts, through_api, limit);
                        assert!(may || !narrowed, "widened: {case:?}");
                        assert!(!(narrowed && hidden), "permitted and hidden: {case:?}");
                        assert!(hidden || !oracle::hidden(role, key, facts), "shown: {case:?}");
                        if !through_api && limit.is_none_or(|set| set.len() == TABLE.len()) {
                            assert_eq!(narrowed, may, "{case:?}");
                        }
                    }
                }
            }
        }
    }
}

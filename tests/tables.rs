//! The generated databases contain what they have to, and the model that walks them says of a small
//! one what the page does.

use std::collections::BTreeSet;

use labelgate_test_support::oracle::{self, CODES, FACTS, bits, holds};
use labelgate_test_support::tables::*;

const SEEDS: u64 = 100;

fn worlds() -> impl Iterator<Item = World> {
    (0..SEEDS).map(World::generate)
}

fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    items.into_iter().collect()
}

/// Asserts that every generated world has such a row.
#[track_caller]
fn every_world_has(what: impl Fn(&World) -> bool) {
    for seed in 0..SEEDS {
        assert!(what(&World::generate(seed)), "not in the world of seed {seed}");
    }
}

fn assigned(world: &World, task: i64) -> BTreeSet<i64> {
    let rows = world.task_assignees.iter().filter(|row| row.task_id == task);
    set(rows.map(|row| row.user_id))
}

fn annotated(world: &World, task: i64) -> BTreeSet<i64> {
    let rows = world.annotations.iter().filter(|row| row.task_id == task);
    set(rows.filter_map(|row| row.completed_by))
}

/// The roles of somebody who has a project role, in the project's organization.
fn roles_beside_project_roles(world: &World) -> BTreeSet<Option<&'static str>> {
    set(world.project_roles.iter().map(|row| {
        let organization = world.project(row.project_id).unwrap().organization_id;
        world.role(row.user_id, organization)
    }))
}

#[test]
fn a_seed_is_a_world() {
    assert_eq!(World::generate(7), World::generate(7));
    assert_ne!(World::generate(7), World::generate(8));
}

#[test]
fn worlds_are_small_and_their_keys_unique() {
    for world in worlds() {
        assert!((2..=3).contains(&world.organizations.len()));
        assert!((6..=8).contains(&world.users.len()));
        assert!((5..=7).contains(&world.workspaces.len()));
        assert!((9..=12).contains(&world.projects.len()));
        assert!((14..=20).contains(&world.tasks.len()));
        assert!((18..=25).contains(&world.annotations.len()));

        let mut keys: Vec<(&str, i64, i64, &str)> = Vec::new();
        keys.extend(world.users.iter().map(|&id| ("users", id, 0, "")));
        keys.extend(world.organizations.iter().map(|row| ("organizations", row.id, 0, "")));
        let rows = world.organization_members.iter();
        keys.extend(rows.map(|row| ("organization_members", row.organization_id, row.user_id, "")));
        keys.extend(world.workspaces.iter().map(|row| ("workspaces", row.id, 0, "")));
        let rows = world.workspace_members.iter();
        keys.extend(rows.map(|row| ("workspace_members", row.workspace_id, row.user_id, "")));
        keys.extend(world.projects.iter().map(|row| ("projects", row.id, 0, "")));
        let rows = world.project_members.iter();
        keys.extend(rows.map(|row| ("project_members", row.project_id, row.user_id, "")));
        let rows = world.project_roles.iter();
        keys.extend(rows.map(|row| ("project_roles", row.project_id, row.user_id, row.role)));
        keys.extend(world.tasks.iter().map(|row| ("tasks", row.id, 0, "")));
        let rows = world.task_assignees.iter();
        keys.extend(rows.map(|row| ("task_assignees", row.task_id, row.user_id, "")));
        keys.extend(world.annotations.iter().map(|row| ("annotations", row.id, 0, "")));
        assert_eq!(set(keys.iter().copied()).len(), keys.len());
    }
}

#[test]
fn references_lead_somewhere() {
    for world in worlds() {
        for thing in world.things() {
            let organization = world.organization_of(thing).unwrap();
            assert!(world.organization_of(Thing::Organization(organization)).is_some());
        }
        for row in &world.projects {
            assert!(row.workspace_id.is_none_or(|id| world.workspace(id).is_some()));
        }
        for row in &world.task_assignees {
            assert_eq!(world.task(row.task_id).unwrap().project_id, row.project_id);
        }
        assert!(world.workspace_members.iter().all(|r| world.workspace(r.workspace_id).is_some()));
        assert!(world.project_members.iter().all(|r| world.project(r.project_id).is_some()));
        assert!(world.project_roles.iter().all(|r| world.project(r.project_id).is_some()));
    }
}

#[test]
fn people_in_several_organizations_with_different_roles() {
    every_world_has(|world| {
        let roles = |user| {
            let rows = world.organization_members.iter().filter(move |row| row.user_id == user);
            set(rows.map(|row| row.role))
        };
        world.users.iter().any(|&user| roles(user).len() > 1)
    });
}

#[test]
fn sandboxes_with_rows_for_others_than_their_maker() {
    every_world_has(|world| {
        let mut sandboxes = world.workspaces.iter().filter(|row| row.is_personal);
        sandboxes.any(|sandbox| {
            let mut members = world.workspace_members.iter();
            let others = members.any(|row| {
                row.workspace_id == sandbox.id
                    && Some(row.user_id) != sandbox.created_by
                    && world.role(row.user_id, sandbox.organization_id).is_some()
            });
            let mut projects = world.projects.iter();
            let project = projects.any(|row| row.workspace_id == Some(sandbox.id));
            sandbox.created_by.is_some() && others && project
        })
    });
}

#[test]
fn projects_of_nobody_and_in_no_workspace() {
    every_world_has(|world| {
        world.projects.iter().any(|row| row.created_by.is_none() && row.workspace_id.is_none())
    });
}

/// And somebody who would hold the project, did its workspace count.
#[test]
fn projects_whose_workspace_is_of_another_organization() {
    every_world_has(|world| {
        world.projects.iter().any(|project| {
            let workspace = world.workspace_of(Thing::Project(project.id));
            workspace.is_some_and(|workspace| {
                workspace.organization_id != project.organization_id
                    && workspace
                        .created_by
                        .is_some_and(|user| world.role(user, project.organization_id) == Some("MA"))
            })
        })
    });
}

#[test]
fn both_project_roles_at_once() {
    every_world_has(|world| {
        let of = |code| {
            let rows = world.project_roles.iter().filter(move |row| row.role == code);
            set(rows.map(|row| (row.project_id, row.user_id)))
        };
        of("AN").intersection(&of("RE")).any(|&(project, user)| {
            let organization = world.project(project).unwrap().organization_id;
            matches!(world.role(user, organization), Some("AN" | "RE"))
        })
    });
}

#[test]
fn project_roles_up_and_down_and_of_the_promoted_and_the_deactivated() {
    every_world_has(|world| {
        let roles = roles_beside_project_roles(world);
        roles.contains(&Some("MA")) && roles.contains(&Some("DI"))
    });
    every_world_has(|world| {
        let changed = set(world.project_roles.iter().filter_map(|row| {
            let organization = world.project(row.project_id)?.organization_id;
            Some((world.role(row.user_id, organization)?, row.role))
        }));
        changed.contains(&("AN", "RE")) && changed.contains(&("RE", "AN"))
    });
    let everywhere = set(worlds().flat_map(|world| roles_beside_project_roles(&world)));
    assert_eq!(everywhere.len(), CODES.len() + 1, "all roles, and those who are no members");
}

#[test]
fn several_annotators_on_one_task() {
    every_world_has(|world| {
        world.tasks.iter().any(|task| {
            annotated(world, task.id).intersection(&assigned(world, task.id)).count() > 1
        })
    });
}

#[test]
fn assigned_without_having_annotated_and_the_reverse() {
    every_world_has(|world| {
        world.tasks.iter().any(|task| {
            let (assigned, annotated) = (assigned(world, task.id), annotated(world, task.id));
            !assigned.is_empty() && !annotated.is_empty() && assigned.is_disjoint(&annotated)
        })
    });
}

#[test]
fn annotations_of_those_who_are_no_longer_in_the_project() {
    every_world_has(|world| {
        world.annotations.iter().any(|row| {
            let thing = Thing::Annotation(row.id);
            let organization = world.organization_of(thing).unwrap();
            let facts = row.completed_by.and_then(|user| world.facts(user, organization, thing));
            let without = bits(&["project_member", "project_assignee"]);
            let acts = bits(&["acts_as_annotator", "acts_as_reviewer"]);
            facts.is_some_and(|facts| {
                facts & without == 0 && facts & acts != 0 && holds(facts, "author")
            })
        })
    });
}

#[test]
fn ids_at_the_ends_and_the_same_in_all_tables() {
    every_world_has(|world| {
        let tables = [
            set(world.users.iter().copied()),
            set(world.workspaces.iter().map(|row| row.id)),
            set(world.projects.iter().map(|row| row.id)),
            set(world.tasks.iter().map(|row| row.id)),
            set(world.annotations.iter().map(|row| row.id)),
        ];
        tables.iter().all(|ids| ENDS.iter().all(|end| ids.contains(end)))
            && world.organizations.iter().all(|row| ENDS.contains(&row.id))
    });
    // In the order of ids, a project of another organization is between two of one.
    every_world_has(|world| {
        let rows = set(world.projects.iter().map(|row| (row.id, row.organization_id)));
        let mut organizations: Vec<_> = rows.into_iter().map(|row| row.1).collect();
        organizations.dedup();
        let changes = organizations.len();
        changes > set(organizations).len()
    });
    let organizations =
        set(worlds().flat_map(|world| world.organizations.into_iter().map(|row| row.id)));
    assert_eq!(organizations, set(ENDS));
}

#[test]
fn everything_occurs() {
    let mut seen = BTreeSet::new();
    for world in worlds() {
        for member in &world.organization_members {
            for thing in world.things() {
                let facts = world.facts(member.user_id, member.organization_id, thing);
                assert!(facts.is_none_or(oracle::possible));
                seen.insert((member.role, facts));
                if let Some(facts) = facts {
                    assert!(!(holds(facts, "assignee") && holds(facts, "author")));
                }
            }
        }
    }
    for role in CODES {
        for (fact, _) in FACTS {
            let somebody = seen.iter().any(|&(code, facts)| {
                code == role && facts.is_some_and(|facts| holds(facts, fact))
            });
            let can_be = !fact.starts_with("acts_as") || role == "AN" || role == "RE";
            assert_eq!(somebody, can_be, "{role} {fact}");
        }
        assert!(seen.contains(&(role, None)));
    }
    // What is permitted, and what is denied to somebody in the organization.
    for row in oracle::TABLE {
        for role in CODES {
            let somebody = |permitted| {
                seen.iter().any(|&(code, facts)| {
                    code == role && facts.is_some() && oracle::may(role, row.1, facts) == permitted
                })
            };
            let possible = |permitted| {
                oracle::all().any(|facts| oracle::may(role, row.1, Some(facts)) == permitted)
            };
            assert_eq!(somebody(true), possible(true), "{role} {}", row.1);
            assert_eq!(somebody(false), possible(false), "{role} {}", row.1);
        }
    }
}

#[test]
fn ids_as_text_are_different_and_hostile() {
    let ids: Vec<i64> = (-100..100).chain(ENDS).chain([i64::MIN + 1, i64::MAX - 1]).collect();
    let ids = set(ids);
    let texts = set(ids.iter().map(|&id| text_id(id)));
    assert_eq!(texts.len(), ids.len());
    for part in ["'", "\"", "\\", "%", "_", "?", "$1", "é", "🦀", "\n", "' OR ''='"] {
        assert!(texts.iter().any(|text| text.contains(part)), "{part}");
    }
    for id in ids {
        // What is around the number has no part in one, so that the number can be read back.
        let text = text_id(id);
        let digits = text.trim_matches(|c: char| !c.is_ascii_digit() && c != '-');
        assert_eq!(digits.parse(), Ok(id), "{text}");
    }
}

/// Organization 1: an annotator 11, a reviewer 12, a manager 13, a deactivated 14. Organization 2:
/// the annotator as a manager. User 15 is nowhere.
fn village() -> World {
    let member =
        |organization_id, user_id, role| OrganizationMemberRow { organization_id, user_id, role };
    let workspace = |id, organization_id, created_by, is_personal| WorkspaceRow {
        id,
        organization_id,
        created_by,
        is_personal,
    };
    let project = |id, organization_id, workspace_id, created_by| ProjectRow {
        id,
        organization_id,
        workspace_id,
        created_by,
        show_annotation_history: id == 1,
    };
    let role = |project_id, user_id, role| ProjectRoleRow { project_id, user_id, role };
    World {
        organizations: vec![OrganizationRow { id: 1 }, OrganizationRow { id: 2 }],
        organization_members: vec![
            member(1, 11, "AN"),
            member(1, 12, "RE"),
            member(1, 13, "MA"),
            member(1, 14, "DI"),
            member(2, 11, "MA"),
        ],
        workspaces: vec![workspace(1, 1, Some(11), false), workspace(2, 1, Some(13), true)],
        workspace_members: [(1, 12), (1, 15), (2, 12), (2, 13)]
            .map(|(workspace_id, user_id)| WorkspaceMemberRow { workspace_id, user_id })
            .to_vec(),
        projects: vec![
            project(1, 1, Some(1), None),
            project(2, 1, Some(2), Some(11)),
            project(3, 2, Some(1), None),
        ],
        project_members: [(1, 11), (1, 13), (2, 12)]
            .map(|(project_id, user_id)| ProjectMemberRow { project_id, user_id })
            .to_vec(),
        project_roles: vec![
            role(1, 11, "RE"),
            role(1, 13, "AN"),
            role(1, 14, "AN"),
            role(2, 12, "RE"),
            role(2, 12, "AN"),
        ],
        tasks: vec![TaskRow { id: 1, project_id: 1 }, TaskRow { id: 2, project_id: 1 }],
        task_assignees: vec![TaskAssigneeRow { task_id: 1, user_id: 12, project_id: 1 }],
        annotations: vec![
            AnnotationRow { id: 1, task_id: 1, completed_by: Some(11) },
            AnnotationRow { id: 2, task_id: 1, completed_by: None },
        ],
        users: vec![11, 12, 13, 14, 15],
    }
}

#[test]
fn the_model_says_what_the_page_says() {
    use Thing::*;
    let world = village();
    let facts = |user, thing, expected: &[&str]| {
        assert_eq!(world.facts(user, 1, thing), Some(bits(expected)), "{user} {thing:?}");
    };
    let own = "own_data_permitted";

    facts(11, Organization(1), &[]);
    facts(11, Workspace(1), &["workspace_creator"]);
    facts(12, Workspace(1), &["workspace_member"]);
    // A sandbox: membership rows count for nobody, and of the two that its maker has, one does.
    facts(12, Workspace(2), &[]);
    facts(13, Workspace(2), &["workspace_creator"]);

    // The project role replaces that of the organization, up or down; both are Annotator.
    facts(11, Project(1), &["workspace_creator", "project_member", "acts_as_reviewer", own]);
    facts(11, Project(2), &["project_creator", "acts_as_annotator"]);
    facts(12, Project(1), &["workspace_member", "project_assignee", "acts_as_reviewer", own]);
    facts(12, Project(2), &["project_member", "acts_as_annotator"]);
    // Of somebody who has another role in the organization it counts for nothing.
    facts(13, Project(1), &["project_member", own]);
    facts(14, Project(1), &[own]);

    // Tasks are somebody's by assignment, records by authorship.
    let reviewer = ["workspace_member", "project_assignee", "acts_as_reviewer", own];
    facts(12, Task(1), &[&reviewer[..], &["assignee"]].concat());
    facts(12, Task(2), &reviewer);
    facts(12, Annotation(1), &reviewer);
    facts(12, Annotation(2), &reviewer);
    let author = ["workspace_creator", "project_member", "acts_as_reviewer", own];
    facts(11, Task(1), &author);
    facts(11, Annotation(1), &[&author[..], &["author"]].concat());
    facts(11, Annotation(2), &author);

    // The workspace is of another organization than the project.
    assert_eq!(world.facts(11, 2, Project(3)), Some(0));
    // Outside: of another organization, of none, or asked by somebody who is no member.
    for (user, organization, thing) in [
        (11, 2, Project(1)),
        (11, 1, Project(3)),
        (11, 2, Workspace(1)),
        (11, 1, Organization(2)),
        (11, 1, Task(3)),
        (12, 2, Project(3)),
        (15, 1, Workspace(1)),
        (11, 3, Organization(3)),
    ] {
        assert_eq!(world.facts(user, organization, thing), None, "{user} {organization} {thing:?}");
    }
}

#[test]
fn the_model_decides_by_the_role_of_the_organization_that_is_asked_in() {
    let world = village();
    assert!(world.may(11, 1, "annotations.review", Thing::Project(1)));
    assert!(!world.may(12, 1, "annotations.review", Thing::Project(2)));
    assert!(world.may(12, 1, "annotations.change", Thing::Task(1)));
    assert!(world.may(11, 2, "projects.view", Thing::Project(3)));
    assert!(!world.may(11, 2, "projects.change", Thing::Project(3)));
    assert!(!world.may(11, 2, "projects.view", Thing::Project(1)));
    assert!(!world.may(14, 1, "projects.view", Thing::Project(1)));
    assert!(!world.may(15, 1, "workspaces.view", Thing::Workspace(1)));
    // What somebody created before they were a mere annotator.
    assert!(!world.may(11, 1, "projects.view", Thing::Project(2)));
    assert!(world.may(11, 1, "workspaces.view", Thing::Workspace(1)));
}

//! Actions: what a member can do. Each is a row of the [matrix](crate::Matrix).

use crate::kind::Kind;
use crate::table::matrix_table;

/// Expands to a row's guard: an `Option<Action>`, or a link if `doc` comes first. `-` is none.
macro_rules! guard {
    (-) => {
        None
    };
    ($Action:ident) => {
        Some(Action::$Action)
    };
    (doc -) => {
        "none"
    };
    (doc $Action:ident) => {
        concat!("[`", stringify!($Action), "`](Self::", stringify!($Action), ")")
    };
}

macro_rules! actions {
    (AN RE MA AD OW $(
        $title:literal $Category:ident {$(
            #[doc = $doc:literal]
            $(#[doc = $more:literal])*
            $Action:ident $key:literal
            [$($an:tt)+] [$($re:tt)+] [$($ma:tt)+] [$($ad:tt)+] [$($ow:tt)+] $Kind:ident $Guard:tt $source:literal
        )+}
    )+) => {
        text_enum! {
            /// An action that a member can do: a row of the [`Matrix`](crate::Matrix), in its order.
            ///
            /// The docs of each action show its cells: for each role, the scopes. One of them is enough. Databases
            /// and logs hold the keys, so keys never change.
            ///
            /// ```
            /// use labelgate::act::Category;
            /// use labelgate::Action;
            ///
            /// let action: Action = "data.export".parse()?;
            /// assert_eq!(action, Action::ExportData);
            /// assert_eq!(action.key(), "data.export");
            /// assert_eq!(action.category(), Category::DataAccess);
            /// assert_eq!(action.source(), "Export data");
            /// assert_eq!(Action::ALL.len(), Action::COUNT);
            /// # Ok::<(), labelgate::error::UnknownAction>(())
            /// ```
            pub enum Action {
                $($(
                    #[doc = $doc]
                    $(#[doc = $more])*
                    #[doc = concat!(
                        "\n\nSource: *", $source, "*. Kind: [`Kind::", stringify!($Kind), "`]. Guard: ",
                        guard!(doc $Guard), ".\n",
                    )]
                    #[doc = "| AN | RE | MA | AD | OW |\n|---|---|---|---|---|"]
                    #[doc = concat!(
                        "| ", stringify!($($an)+), " | ", stringify!($($re)+), " | ",
                        stringify!($($ma)+), " | ", stringify!($($ad)+), " | ", stringify!($($ow)+), " |",
                    )]
                    $Action = $key,
                )+)+
            }

            /// Returns the key of the action in databases, logs and wire formats, such as `"data.export"`.
            pub const fn key;

            /// The error returned when an action key cannot be parsed.
            ///
            /// Keys are matched exactly: case and white space count.
            ///
            /// ```
            /// use labelgate::Action;
            ///
            /// let error = "export".parse::<Action>().unwrap_err();
            /// assert_eq!(error.to_string(), "unknown action key `export`");
            /// ```
            pub struct UnknownAction: "action key";

            /// A set of actions, such as those that a [subject may do](crate::Subject::actions) to a row, or a token
            /// may do.
            ///
            /// ```
            /// use labelgate::{Action, Actions};
            ///
            /// let scope = Actions::ViewProject | Actions::of(Action::ExportData);
            /// assert!(scope.has(Action::ExportData));
            /// assert_eq!(scope.elements().collect::<Vec<_>>(), [Action::ViewProject, Action::ExportData]);
            /// assert_eq!(scope.to_string(), "projects.view, data.export");
            /// ```
            pub struct Actions: u32;
        }

        impl Action {
            /// Returns the heading under which the matrix has the action.
            #[must_use]
            pub const fn category(self) -> Category {
                match self {
                    $( $( Self::$Action )|+ => Category::$Category, )+
                }
            }

            /// Returns the words of Label Studio's documentation that the action comes from.
            #[must_use]
            pub const fn source(self) -> &'static str {
                match self {
                    $($( Self::$Action => $source, )+)+
                }
            }

            /// Returns the kind of row that the action is done to. A row is created in its container, so creating a
            /// project is done to a workspace.
            ///
            /// ```
            /// use labelgate::{Action, Kind};
            ///
            /// assert_eq!(Action::ChangeProject.kind(), Kind::Project);
            /// assert_eq!(Action::CreateProject.kind(), Kind::Workspace);
            /// ```
            #[must_use]
            #[expect(clippy::indexing_slicing, reason = "by a fieldless enum")]
            #[inline]
            pub const fn kind(self) -> Kind {
                const KINDS: [Kind; Action::COUNT] = [$($( Kind::$Kind, )+)+];
                KINDS[self as usize]
            }

            /// Returns the view action that guards this one. If an action and its guard are both denied, the
            /// subject is not told that the row exists. A view action guards itself.
            ///
            /// [`CreateWorkspace`](Self::CreateWorkspace) has no guard: it is done to the organization, whose members
            /// know of it.
            ///
            /// ```
            /// use labelgate::Action;
            ///
            /// assert_eq!(Action::ExportData.guard(), Some(Action::ViewProject));
            /// assert_eq!(Action::CreateWorkspace.guard(), None);
            /// ```
            #[must_use]
            pub const fn guard(self) -> Option<Self> {
                match self {
                    $($( Self::$Action => guard!($Guard), )+)+
                }
            }

            /// Returns a description of the action, for a form or for documentation.
            ///
            /// ```
            /// use labelgate::Action;
            ///
            /// assert_eq!(Action::ExportData.description(), "Export the data of a project.");
            /// ```
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $($( Self::$Action => $doc.trim_ascii(), )+)+
                }
            }
        }

        text_enum! {
            /// A part of the source's table.
            ///
            /// ```
            /// use labelgate::act::Category;
            /// use labelgate::Action;
            ///
            /// // A form with a heading for each part.
            /// assert_eq!(Category::ALL.len(), Category::COUNT);
            /// for category in Category::ALL {
            ///     println!("{}", category.title());
            ///     for action in Action::ALL.into_iter().filter(|action| action.category() == category) {
            ///         println!("  {action}: {}", action.description());
            ///     }
            /// }
            /// ```
            pub enum Category {
                $( #[doc = concat!("\"", $title, "\".")] $Category = $title, )+
            }

            /// Returns the heading of the part in the source.
            pub const fn title;

            /// The error returned when the heading of a category cannot be parsed.
            ///
            /// ```
            /// use labelgate::act::Category;
            ///
            /// let error = "Billing".parse::<Category>().unwrap_err();
            /// assert_eq!(error.to_string(), "unknown category `Billing`");
            /// ```
            pub struct UnknownCategory: "category";
        }

        /// One type for each action, as the type parameter of a [`Permit`](crate::Permit) or a
        /// [`Listing`](crate::Listing).
        ///
        /// ```
        /// use labelgate::{Denied, Permit, ProjectId, Row, Subject, act};
        ///
        /// type Project = Row<ProjectId<i64>>;
        ///
        /// fn export(permit: Permit<act::ExportData, Project>) {}
        ///
        /// fn handler(caller: Subject<i64>, project: Option<Project>) -> Result<(), Denied> {
        ///     export(caller.authorize(act::ExportData, project)?);
        ///     Ok(())
        /// }
        /// ```
        pub mod act {
            use super::{Action, ActionType};

            pub use super::Category;

            $($(
                #[doc = concat!("[`Action::", stringify!($Action), "`] as a type.")]
                #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
                pub struct $Action;

                impl ActionType for $Action {
                    const ACTION: Action = Action::$Action;
                }
            )+)+
        }
    };
}

matrix_table!(actions);

impl Actions {
    /// Removes the actions whose [guard](Action::guard) is not in the set.
    pub(crate) const fn with_guards(self) -> Self {
        let mut guarded = self;
        let mut rest: &[Action] = &Action::ALL;
        while let [action, tail @ ..] = rest {
            if let Some(guard) = action.guard() {
                if !self.has(guard) {
                    guarded = guarded.difference(Self::of(*action));
                }
            }
            rest = tail;
        }
        guarded
    }

    /// Returns the actions that are done to this [kind](Action::kind) of row. For a record, these are the actions on
    /// tasks.
    ///
    /// ```
    /// use labelgate::{Action, Actions, Kind};
    ///
    /// assert!(Actions::done_to(Kind::Project).has(Action::ExportData));
    /// assert!(!Actions::done_to(Kind::Project).has(Action::ViewWorkspace));
    /// ```
    #[must_use]
    pub const fn done_to(kind: Kind) -> Self {
        const fn find(kind: Kind) -> Actions {
            let mut found = Actions::empty();
            let mut rest: &[Action] = &Action::ALL;
            while let [action, tail @ ..] = rest {
                if action.kind() as u8 == kind as u8 {
                    found = found.union(Actions::of(*action));
                }
                rest = tail;
            }
            found
        }
        match kind {
            Kind::Organization => const { find(Kind::Organization) },
            Kind::Workspace => const { find(Kind::Workspace) },
            Kind::Project => const { find(Kind::Project) },
            Kind::Task | Kind::Record => const { find(Kind::Task) },
        }
    }
}

/// An [`Action`] as a type: the type parameter of a [`Permit`](crate::Permit) or [`Listing`](crate::Listing).
///
/// The types of the crate's actions are in [`act`]. Implement the trait for an action of your own that needs the
/// permission of one of the crate's. It is permitted when `ACTION` is, so token limits and overrides of `ACTION`
/// apply to it. Its permits are of its own type; a [log](crate::log) has `NAME` and key.
///
/// ```
/// use labelgate::{Action, ActionType, Denied, OrganizationId, Permit, ProjectId, Role, Row, Subject, UserId, act};
///
/// /// Takes the permission to change the project.
/// struct ManageWebhooks;
///
/// impl ActionType for ManageWebhooks {
///     const ACTION: Action = Action::ChangeProject;
///     const NAME: &'static str = "webhooks.manage";
/// }
///
/// fn add_webhook(permit: Permit<ManageWebhooks, Row<ProjectId<i64>>>, url: &str) {}
///
/// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// let project = mia.row(ProjectId(100), OrganizationId(1), 4)?; // she created it
/// add_webhook(mia.authorize(ManageWebhooks, project).unwrap(), "https://example.com");
/// assert_eq!(act::ExportData::NAME, "data.export");
/// # Ok::<(), labelgate::error::InvalidFacts>(())
/// ```
///
/// A permit for `ChangeProject` is not a permit for `ManageWebhooks`. This does not compile:
///
/// ```compile_fail,E0308
/// # use labelgate::{Action, ActionType, OrganizationId, Permit, ProjectId, Role, Row, Subject, UserId, act};
/// # struct ManageWebhooks;
/// # impl ActionType for ManageWebhooks {
/// #     const ACTION: Action = Action::ChangeProject;
/// #     const NAME: &'static str = "webhooks.manage";
/// # }
/// # fn add_webhook(permit: Permit<ManageWebhooks, Row<ProjectId<i64>>>, url: &str) {}
/// # let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// # let project = mia.row(ProjectId(100), OrganizationId(1), 4).unwrap();
/// add_webhook(mia.authorize(act::ChangeProject, project).unwrap(), "https://example.com");
/// ```
///
/// A `NAME` that is the key of another action of the crate does not compile either:
///
/// ```compile_fail,E0080
/// # use labelgate::{Action, ActionType, OrganizationId, Role, Subject, UserId};
/// struct Disguised;
///
/// impl ActionType for Disguised {
///     const ACTION: Action = Action::ViewPeoplePage;
///     const NAME: &'static str = "members.change_role";
/// }
/// # let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// let permit = mia.authorize(Disguised, mia.own_organization());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of an action",
    note = "the types are those of `labelgate::act`, such as `act::ExportData`"
)]
pub trait ActionType: 'static {
    /// The crate's action to decide instead.
    const ACTION: Action;

    /// The name in a log. By default it is the key of `ACTION`.
    const NAME: &'static str = Self::ACTION.key();
}

/// Returns the action of a type. Fails to compile if the type's `NAME` is the key of another action.
pub(crate) const fn action_of<A: ActionType>() -> Action {
    const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
        while let ([first, rest @ ..], [other_first, other_rest @ ..]) = (one, other) {
            if *first != *other_first {
                return false;
            }
            (one, other) = (rest, other_rest);
        }
        one.is_empty() && other.is_empty()
    }
    const {
        let mut rest: &[Action] = &Action::ALL;
        while let [action, tail @ ..] = rest {
            let is_another = *action as u8 != A::ACTION as u8;
            let is_named = is_same(A::NAME.as_bytes(), action.key().as_bytes());
            assert!(!(is_another && is_named), "the name is the key of another action");
            rest = tail;
        }
        A::ACTION
    }
}

//! The permission matrix, and what is generated from it.

use core::fmt;
use core::str::FromStr;

use crate::context::ScopeCtx;
use crate::excerpt::Excerpt;
use crate::kind::Kind;
use crate::role::Role;
use crate::scope::{Scope, Scopes};

/// One cell: the scopes that suffice, in the letters of [`Scope::symbol`], `-` for none.
macro_rules! cell {
    (-) => { Scopes::empty() };
    (O?) => { Scopes::OwnPermitted };
    ($($symbol:ident)+) => { Scopes::empty()$(.union(cell!(@ $symbol)))+ };
    (@ O) => { Scopes::Own };
    (@ P) => { Scopes::Project };
    (@ W) => { Scopes::Workspace };
    (@ G) => { Scopes::Organization };
}

/// The guard of a row, as a value and in words; `-` for none.
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

macro_rules! matrix {
    (AN RE MA AD OW $(
        $title:literal $Category:ident {$(
            #[doc = $doc:literal]
            $(#[doc = $more:literal])*
            $Action:ident $key:literal
            [$($an:tt)+] [$($re:tt)+] [$($ma:tt)+] [$($ad:tt)+] [$($ow:tt)+] $Kind:ident $Guard:tt $source:literal
        )+}
    )+) => {
        noun! {
            /// Something that a member may do: a row of the [`Matrix`], in the order of the source.
            ///
            /// The docs of each action show its row: which scopes suffice for which role. Databases and logs
            /// rely on the keys, so they never change.
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
                        "\n\nSource: *", $source, "*; done to a [`Kind::", stringify!($Kind), "`]; guard: ", guard!(doc $Guard), ".\n",
                    )]
                    #[doc = "| AN | RE | MA | AD | OW |\n|---|---|---|---|---|"]
                    #[doc = concat!(
                        "| ", stringify!($($an)+), " | ", stringify!($($re)+), " | ",
                        stringify!($($ma)+), " | ", stringify!($($ad)+), " | ", stringify!($($ow)+), " |",
                    )]
                    $Action = $key,
                )+)+
            }

            /// The key of the action, as wire formats and logs spell it, such as `"data.export"`.
            pub const fn key;

            /// A text that is no action key.
            ///
            /// Parsing an [`Action`] returns it. Keys are matched exactly: case and white space count.
            ///
            /// ```
            /// use labelgate::Action;
            ///
            /// let error = "export".parse::<Action>().unwrap_err();
            /// assert_eq!(error.to_string(), "unknown action key `export`");
            /// ```
            pub struct UnknownAction: "action key";

            /// A set of actions, such as [all that a subject may do](crate::Subject::actions) with a row, or
            /// the limit of a token.
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
            /// The part of the source's table in which the action stands.
            #[must_use]
            pub const fn category(self) -> Category {
                match self {
                    $( $( Self::$Action )|+ => Category::$Category, )+
                }
            }

            /// The row of the source document, or the words of it, that the action comes from.
            #[must_use]
            pub const fn source(self) -> &'static str {
                match self {
                    $($( Self::$Action => $source, )+)+
                }
            }

            /// The kind of resource that the action is done to. Creating something is done to what will hold
            /// it.
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

            /// The view action that guards this one. A subject to whom the guard is denied as well is not
            /// told that the resource exists. A view guards itself.
            ///
            /// [`CreateWorkspace`](Self::CreateWorkspace) has no guard: it is asked of the organization, and
            /// its members know that it exists.
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

            /// What the action is, in a sentence: for a form, or for documentation.
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

        /// A part of the source's table.
        ///
        /// ```
        /// use labelgate::Action;
        /// use labelgate::act::Category;
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
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, strum::EnumCount)]
        pub enum Category {
            $( #[doc = concat!("\"", $title, "\".")] $Category, )+
        }

        impl Category {
            /// How many there are.
            pub const COUNT: usize = <Self as strum::EnumCount>::COUNT;

            /// All of them, in the order of the source.
            pub const ALL: [Self; Self::COUNT] = [$( Self::$Category ),+];

            /// The heading in the source.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $( Self::$Category => $title, )+
                }
            }
        }

        /// The actions as types, for a [`Permit`](crate::Permit) to name.
        ///
        /// ```
        /// use labelgate::resource::Project;
        /// use labelgate::{Denied, Permit, Subject, act};
        ///
        /// fn export(permit: Permit<act::ExportData, Project<i64>>) {}
        ///
        /// fn handler(caller: Subject<i64>, project: Option<Project<i64>>) -> Result<(), Denied> {
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

                impl super::sealed::Sealed for $Action {}
            )+)+
        }

        impl Matrix {
            /// The matrix of Label Studio Enterprise. README shows it as a table, and the docs of each
            /// [`Action`] its row.
            pub const BUILT_IN: Self = {
                let matrix = Self::EMPTY;
                $($(
                    let matrix = matrix
                        .with(Role::Annotator, Action::$Action, cell!($($an)+))
                        .with(Role::Reviewer, Action::$Action, cell!($($re)+))
                        .with(Role::Manager, Action::$Action, cell!($($ma)+))
                        .with(Role::Administrator, Action::$Action, cell!($($ad)+))
                        .with(Role::Owner, Action::$Action, cell!($($ow)+));
                )+)+
                matrix.sealed()
            };
        }
    };
}

matrix! {
                                                      AN   RE    MA      AD  OW
"User Management" UserManagement {
    /// Give a member of the organization another role.
    ///
    /// The right alone changes nothing.
    /// [`MembershipPolicy::assign`](crate::membership::MembershipPolicy::assign) decides which role may be
    /// given to whom, and a store takes its proof.
    ChangeUserRoles        "members.change_role"      [-]  [-]   [-]     [G] [G] Organization ViewPeoplePage  "Change user roles"
    /// See the people of the organization, and the role of each.
    ViewPeoplePage         "members.view"             [-]  [-]   [G]     [G] [G] Organization ViewPeoplePage  "View People page"
    /// Invite people to the organization.
    ///
    /// The right alone changes nothing. Handing out the link gives the default role, so
    /// [`MembershipPolicy::set_default_role`](crate::membership::MembershipPolicy::set_default_role) and the
    /// functions beside it decide.
    InvitePeople           "organizations.invite"     [-]  [-]   [-]     [G] [G] Organization ViewPeoplePage  "Invite people to organization"
    /// Create a workspace in the organization.
    CreateWorkspace        "workspaces.create"        [-]  [-]   [G]     [G] [G] Organization -               "Workspace access: C"
    /// See a workspace.
    ViewWorkspace          "workspaces.view"          [W]  [W]   [G]     [G] [G] Workspace    ViewWorkspace   "Workspace access: R"
    /// Change a workspace.
    ChangeWorkspace        "workspaces.change"        [-]  [-]   [O W]   [G] [G] Workspace    ViewWorkspace   "Workspace access: U"
    /// Delete a workspace.
    DeleteWorkspace        "workspaces.delete"        [-]  [-]   [O W]   [G] [G] Workspace    ViewWorkspace   "Workspace access: D"
}
"Project Management" ProjectManagement {
    /// Create a project. It is asked of the workspace that will hold it.
    CreateProject          "projects.create"          [-]  [-]   [O W]   [G] [G] Workspace    ViewWorkspace   "Project access: C"
    /// See a project. Its data takes `data.view`.
    ViewProject            "projects.view"            [P]  [P]   [G]     [G] [G] Project      ViewProject     "Project access: R"
    /// Change a project.
    ChangeProject          "projects.change"          [-]  [-]   [O P W] [G] [G] Project      ViewProject     "Project access: U"
    /// Delete a project.
    DeleteProject          "projects.delete"          [-]  [-]   [O P W] [G] [G] Project      ViewProject     "Project access: D"
    /// Save a project as a template.
    SaveProjectTemplates   "templates.create"         [-]  [-]   [O P W] [G] [G] Project      ViewProject     "Save custom project templates"
}
"Data Access" DataAccess {
    /// View the data of a project: its tasks, annotations and predictions.
    ViewProjectData        "data.view"                [O?] [O P] [O P W] [G] [G] Task         ViewProject     "View project data"
    /// Import data into a project.
    ImportData             "data.import"              [-]  [-]   [O P W] [G] [G] Project      ViewProject     "Import data"
    /// Export the data of a project.
    ExportData             "data.export"              [-]  [-]   [O P W] [G] [G] Project      ViewProject     "Export data"
}
"Data Labeling Workflows" DataLabelingWorkflows {
    /// Assign annotators to tasks.
    AssignAnnotators       "tasks.assign_annotators"  [-]  [P]   [O P W] [G] [G] Task         ViewProject     "Assign annotators to tasks"
    /// Label tasks.
    LabelTasks             "tasks.label"              [P]  [P]   [O P W] [G] [G] Task         ViewProject     "Access labeling workflow"
    /// Review annotations.
    ReviewAnnotations      "annotations.review"       [-]  [P]   [O P W] [G] [G] Task         ViewProject     "Access review workflow"
    /// See how far annotators agree.
    MonitorAgreement       "agreement.view"           [-]  [P]   [O P W] [G] [G] Task         ViewProject     "Monitor annotator agreement"
    /// See how annotators perform.
    ReviewPerformance      "performance.view"         [O]  [O P] [O P W] [G] [G] Task         ViewProject     "Review annotator performance"
    /// Verify the results of annotation.
    VerifyAnnotations      "annotations.verify"       [-]  [P]   [O P W] [G] [G] Task         ViewProject     "Verify annotation results"
    /// Assign reviewers to tasks.
    AssignReviewers        "tasks.assign_reviewers"   [-]  [-]   [O P W] [G] [G] Task         ViewProject     "Assign reviewers to tasks"
}
"Advanced" Advanced {
    /// Use the API for what the user interface offers. A project that one was only invited to is not enough.
    UseApi                 "api.use"                  [-]  [-]   [O W]   [G] [G] Project      ViewProject     "API access to equivalent Label Studio functionality"
}
"Analytics" Analytics {
    /// Track what happens and when on the dashboards.
    TrackDashboards        "dashboards.view"          [O]  [O P] [O P W] [G] [G] Task         ViewProject     "Track what happens and when on annotation dashboards"
    /// See the dashboard that shows annotators their own work.
    ViewAnnotatorDashboard "annotator_dashboard.view" [O]  [-]   [-]     [-] [-] Task         ViewProject     "View annotator dashboard"
    /// See the activity log of the whole system.
    ViewActivityLog        "activity_log.view"        [-]  [-]   [-]     [G] [G] Organization ViewActivityLog "View system-wide activity log"
}
"From the role descriptions" RoleDescriptions {
    /// Create another organization. It is asked of the subject's present one.
    CreateOrganization     "organizations.create"     [-]  [-]   [-]     [-] [G] Organization ViewPeoplePage  "Owner: can create organizations"
    /// Let somebody in who has signed up, or back in who was deactivated.
    ///
    /// The right alone changes nothing.
    /// [`MembershipPolicy::assign`](crate::membership::MembershipPolicy::assign) decides which role may be
    /// given to whom, and a store takes its proof.
    ActivateMembers        "members.activate"         [-]  [-]   [-]     [G] [G] Organization ViewPeoplePage  "must be activated by an organization owner or administrator"
    /// Change annotations.
    ChangeAnnotations      "annotations.change"       [O]  [O P] [O P W] [G] [G] Task         ViewProject     "Reviewer: can review and update task annotations"
    /// See the account page of the owner.
    ViewOwnerAccount       "owner_account.view"       [-]  [-]   [-]     [-] [G] Organization ViewOwnerAccount "Administrator: can't see the workspace owner's account page"
}
}

impl Actions {
    /// Leaves out the actions whose [guard](Action::guard) is not in the set.
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

    /// The actions that are done to a [kind](Action::kind) of resource.
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
            Kind::Task => const { find(Kind::Task) },
        }
    }
}

/// An [`Action`] as a type. The types are those of [`act`]; the trait is sealed.
///
/// Write a function over it that guards any action:
///
/// ```
/// use labelgate::resource::Project;
/// use labelgate::{Action, ActionType, Denied, Permit, Subject, act};
///
/// fn checked<A: ActionType>(
///     caller: &Subject<i64>,
///     project: Option<Project<i64>>,
/// ) -> Result<Permit<A, Project<i64>>, Denied> {
///     caller.authorize(A::default(), project)
/// }
///
/// assert_eq!(act::ExportData::ACTION, Action::ExportData);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of an action",
    note = "the types are those of `labelgate::act`, such as `act::ExportData`"
)]
pub trait ActionType:
    Copy + Default + fmt::Debug + Send + Sync + Unpin + 'static + sealed::Sealed
{
    /// The action.
    const ACTION: Action;
}

mod sealed {
    pub trait Sealed {}
}

/// Who may do what, and through which scopes, as a value.
///
/// [`BUILT_IN`](Self::BUILT_IN) is the one that [`can`](crate::can) uses. An organization's owner changes it
/// with [`overrides`](crate::overrides), a service with [`with_cell`](Self::with_cell). It displays as a
/// table in Markdown.
///
/// ```
/// use labelgate::{Action, Matrix, Role, Scopes};
///
/// let cell = Matrix::BUILT_IN.scopes(Role::Manager, Action::ExportData);
/// assert_eq!(cell, Scopes::Own | Scopes::Project | Scopes::Workspace);
///
/// let table = Matrix::BUILT_IN.to_string();
/// assert!(table.contains("| 15 | ExportData | `data.export` | - | - | O P W | G | G |"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Matrix {
    rows: [Row; Action::COUNT],
    fingerprint: Fingerprint,
}

/// The cells of an action, by role: the scopes of which one is required.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(align(8))] // a cell is found without a multiplication
struct Row([Scopes; Role::COUNT]);

impl Matrix {
    /// The actions that a more powerful role does not inherit from a weaker one.
    ///
    /// There is one: the dashboard of annotators is theirs alone. With the same facts, a more powerful role
    /// may do everything else that a weaker one may.
    ///
    /// ```
    /// use labelgate::{Actions, Matrix};
    ///
    /// assert_eq!(Matrix::NOT_INHERITED, Actions::ViewAnnotatorDashboard);
    /// ```
    pub const NOT_INHERITED: Actions = Actions::ViewAnnotatorDashboard;

    const EMPTY: Self = Self {
        rows: [Row([Scopes::empty(); Role::COUNT]); Action::COUNT],
        fingerprint: Fingerprint(0),
    };

    /// This matrix with another cell.
    ///
    /// # Errors
    ///
    /// Returns an error for `NO` and `DI`, which hold nothing, ever.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, ScopeCtx, Scopes};
    ///
    /// let matrix = Matrix::BUILT_IN.with_cell(Role::Manager, Action::UseApi, Scopes::all())?;
    /// assert!(matrix.can(Role::Manager, Action::UseApi, ScopeCtx::organization()));
    ///
    /// let refused = matrix.with_cell(Role::Deactivated, Action::UseApi, Scopes::all());
    /// assert_eq!(refused.unwrap_err().to_string(), "`DI` holds nothing, ever");
    /// # Ok::<(), labelgate::error::PowerlessRole>(())
    /// ```
    pub const fn with_cell(
        self,
        role: Role,
        action: Action,
        scopes: Scopes,
    ) -> Result<Self, PowerlessRole> {
        if role.is_active() {
            Ok(self.with(role, action, scopes.intersection(Scopes::all())).sealed())
        } else {
            Err(PowerlessRole { role })
        }
    }

    /// The same matrix with another cell of an active role. Whoever calls it [seals](Self::sealed) the
    /// matrix when all cells are set.
    #[expect(clippy::indexing_slicing, reason = "by fieldless enums")]
    pub(crate) const fn with(mut self, role: Role, action: Action, scopes: Scopes) -> Self {
        self.rows[action as usize].0[role as usize] = scopes;
        self
    }

    /// The same matrix with the fingerprint of its cells.
    pub(crate) const fn sealed(mut self) -> Self {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut roles: &[Role] = &Role::ALL;
        while let [role, other_roles @ ..] = roles {
            let mut actions: &[Action] = &Action::ALL;
            while let [action, other_actions @ ..] = actions {
                let cell = self.scopes(*role, *action);
                hash = (hash ^ cell.bits() as u64).wrapping_mul(0x0100_0000_01b3);
                actions = other_actions;
            }
            roles = other_roles;
        }
        self.fingerprint = Fingerprint(hash);
        self
    }

    /// A number that tells matrices apart. Every audit record carries it.
    ///
    /// It is the 64-bit FNV-1a hash of the cells, the same on every machine. It changes if one cell changes,
    /// and with nothing else. Two matrices that differ in several cells have the same one only by a 64-bit
    /// collision. It is no protection against somebody who forges a matrix.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, Scopes};
    ///
    /// let built_in = Matrix::BUILT_IN.fingerprint();
    /// assert_eq!(built_in.to_string().parse(), Ok(built_in));
    ///
    /// let other = Matrix::BUILT_IN.with_cell(Role::Manager, Action::UseApi, Scopes::empty())?;
    /// assert_ne!(other.fingerprint(), built_in);
    /// # Ok::<(), labelgate::error::PowerlessRole>(())
    /// ```
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The cell of a role and an action: the scopes of which one must be held.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, Scopes};
    ///
    /// let suffices = Matrix::BUILT_IN.scopes(Role::Manager, Action::UseApi);
    /// assert_eq!(suffices, Scopes::Own | Scopes::Workspace);
    /// ```
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "by fieldless enums")]
    #[inline]
    pub const fn scopes(&self, role: Role, action: Action) -> Scopes {
        self.rows[action as usize].0[role as usize]
    }

    /// All actions that a role may do on a resource that is held like this.
    ///
    /// ```
    /// use labelgate::{Actions, Matrix, Role, ScopeCtx};
    ///
    /// let may = Matrix::BUILT_IN.actions(Role::Annotator, ScopeCtx::organization().in_project());
    /// assert_eq!(may, Actions::ViewProject | Actions::LabelTasks);
    /// ```
    #[must_use]
    pub const fn actions(&self, role: Role, ctx: ScopeCtx) -> Actions {
        let mut permitted = Actions::empty();
        let mut rest: &[Action] = &Action::ALL;
        while let [action, tail @ ..] = rest {
            if self.scopes(role, *action).intersects(ctx.scopes()) {
                permitted = permitted.union(Actions::of(*action));
            }
            rest = tail;
        }
        permitted
    }
}

/// The [fingerprint](Matrix::fingerprint) of a matrix. As text it is 16 hexadecimal digits.
///
/// ```
/// use labelgate::Matrix;
/// use labelgate::audit::Fingerprint;
///
/// let kept: Fingerprint = "ffef56037b68b6ce".parse()?;
/// assert_eq!(Matrix::BUILT_IN.fingerprint(), kept);
/// # Ok::<(), labelgate::error::InvalidFingerprint>(())
/// ```
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

#[cfg(feature = "serde")]
crate::serial::text!(Fingerprint, "matrix fingerprint");

/// A text that is not 16 hexadecimal digits in lower case.
///
/// Parsing a [`Fingerprint`] returns it. The log that it was read from was changed or cut.
///
/// ```
/// use labelgate::audit::Fingerprint;
///
/// let error = "FFEF".parse::<Fingerprint>().unwrap_err();
/// assert_eq!(error.to_string(), "not a fingerprint `FFEF`");
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a fingerprint `{0}`")]
pub struct InvalidFingerprint(Excerpt);

/// A cell was given to `NO` or `DI`, which hold nothing, ever.
///
/// [`Matrix::with_cell`] returns it. Leave the cell out: nothing is permitted to these roles.
///
/// ```
/// use labelgate::{Action, Matrix, Role, Scopes};
///
/// let refused = Matrix::BUILT_IN.with_cell(Role::NotActivated, Action::ViewProject, Scopes::all());
/// assert_eq!(refused.unwrap_err().role, Role::NotActivated);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{role}` holds nothing, ever")]
#[non_exhaustive]
pub struct PowerlessRole {
    /// The role.
    pub role: Role,
}

/// The table in Markdown.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The source's columns go from the weakest role to the most powerful.
        let columns = || Role::ALL.into_iter().rev().filter(|role| role.is_active());
        write!(f, "| # | Action | Key |")?;
        columns().try_for_each(|role| write!(f, " {} |", role.code()))?;
        write!(f, "\n|---|---|---|")?;
        columns().try_for_each(|_| write!(f, "---|"))?;
        for category in Category::ALL {
            write!(f, "\n| | **{}** | |", category.title())?;
            columns().try_for_each(|_| write!(f, " |"))?;
            for action in Action::ALL.into_iter().filter(|action| action.category() == category) {
                write!(f, "\n| {} | {action:?} | `{action}` |", action as u8 + 1)?;
                for role in columns() {
                    let scopes = self.scopes(role, action);
                    write!(f, " {}", if scopes.is_empty() { "-" } else { "" })?;
                    crate::noun::list(f, " ", scopes.elements().map(Scope::symbol))?;
                    write!(f, " |")?;
                }
            }
        }
        writeln!(f)
    }
}

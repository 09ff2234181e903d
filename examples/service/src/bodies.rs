//! The bodies and queries that clients send, each an extractor. A field of a body that the stock client may
//! send and that means nothing here is ignored; any other field is an error, as is one that stands twice.

use std::collections::BTreeSet;
use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts};
use labelgate::sets::Roles;
use labelgate::{Action, ProjectRole, Role};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::App;
use crate::extract::{Body, Id, Ids, MANY, Query, Selected, listed};
use crate::problem::{Failure, bad_request};

macro_rules! bodies {
    ($( $Body:ident { $( $(#[$meta:meta])* $field:ident: $ty:ty, )+ } ignores [$( $ignored:ident )*] )+) => {$(
        #[derive(Deserialize, FromRequest)]
        #[from_request(via(Body), state(App), rejection(Failure))]
        #[serde(deny_unknown_fields)]
        pub struct $Body {
            $( $(#[$meta])* pub $field: $ty, )+
            $( #[serde(default)] #[allow(dead_code)] $ignored: IgnoredAny, )*
        }
    )+};
}

bodies! {
    Assign { user_id: i64, role: Role, } ignores [user_type]
    NewOwner { user_id: i64, } ignores []
    SetDefaultRole { default_role: Role, } ignores [
        annotator_reviewer_firewall_enabled_at custom_interfaces_enabled custom_scripts_enabled_at
        email_notification_settings embed_domains embed_enabled embed_settings external_id
        extra_data_on_activity_logs interface_settings label_stream_navigation_disabled_at organization
        react_code_settings read_only_quick_view_enabled_at
    ]
    ChangedPermission { roles: Roles, } ignores [permission]
    SignUp { email: Email, } ignores []
    Revoked { email: Email, } ignores []
    NewInvitations {
        emails: Emails, role: Option<Role>,
        #[serde(default, rename = "user_type")] _seat: Option<Seat>,
        #[serde(default)] projects: Vec<i64>, #[serde(default)] workspaces: Vec<i64>,
    } ignores []
    MemberSearch { filters: MemberFilters, } ignores []
    MemberFilters {
        #[serde(rename = "version")] _version: FilterVersion,
        #[serde(default = "Roles::all")] role: Roles, search: Option<String>,
    } ignores []
    NewWorkspace { title: String, #[serde(default)] is_personal: bool, } ignores [
        color description is_archived
    ]
    ChangedWorkspace { title: Option<String>, } ignores [color description is_archived is_personal]
    NewWorkspaceMember { user: i64, workspace: Option<i64>, } ignores []
    NewProject {
        title: String, workspace: Option<i64>, #[serde(default)] show_annotation_history: bool,
    } ignores [
        annotator_evaluation_enabled collection_mode color control_weights created_by
        custom_interface_code custom_interface_compiled custom_interface_params description
        dm_column_defaults enable_empty_annotation evaluate_predictions_automatically
        expert_instruction input_schema internal_description is_draft is_published label_config
        maximum_annotations min_annotations_to_start_training model_version organization output_schema
        overlap_cohort_percentage pinned_at reveal_preannotations_interactively sampling
        show_collab_predictions show_ground_truth_first show_instruction show_overlap_first
        show_skip_button skip_queue source_interface_id source_interface_version task_data_login
        task_data_password use_custom_interface
    ]
    ChangedProject {
        title: Option<String>,
        #[serde(default, deserialize_with = "present")] workspace: Option<Option<i64>>,
        show_annotation_history: Option<bool>,
    } ignores [
        agreement_methodology agreement_threshold annotation_limit_count annotation_limit_percent
        annotator_evaluation_continuous_tasks annotator_evaluation_enabled annotator_evaluation_metric
        annotator_evaluation_minimum_score annotator_evaluation_minimum_tasks
        annotator_evaluation_onboarding_tasks assignment_settings color comment_classification_config
        control_weights created_by custom_interface_code custom_interface_compiled
        custom_interface_params custom_script custom_task_lock_ttl description dm_column_defaults
        enable_empty_annotation evaluate_predictions_automatically expert_instruction input_schema
        internal_description is_draft is_published label_config max_additional_annotators_assignable
        maximum_annotations min_annotations_to_start_training model_version organization output_schema
        overlap_cohort_percentage pause_on_failed_annotator_evaluation pinned_at
        require_comment_on_skip reveal_preannotations_interactively review_settings sampling
        show_collab_predictions show_ground_truth_first show_instruction show_overlap_first
        show_skip_button show_unused_data_columns_to_annotators skip_queue source_interface_id
        source_interface_version strict_task_overlap task_data_login task_data_password
        use_custom_interface
    ]
    NewWorkspaceProject { project: i64, } ignores []
    NewProjectMember { user: i64, } ignores []
    Selection { all: bool, included: Option<Ids>, excluded: Option<Ids>, } ignores []
    NewProjectMembers {
        all: bool, included: Option<Ids>, excluded: Option<Ids>, #[serde(default)] roles: Vec<NewRole>,
    } ignores []
    NewRole { user_id: i64, role: ProjectRole, } ignores []
    NewTask { data: Map<String, Value>, project: i64, } ignores [
        allow_skip cancelled_annotations comment_authors comment_count file_upload inner_id is_labeled
        last_comment_updated_at meta overlap total_annotations total_predictions
        unresolved_comment_count updated_by
    ]
    Assignees { users: Ids, r#type: ProjectRole, } ignores []
    // Without the client's `filters`: nobody is assigned to more tasks than were meant.
    ManyAssignees {
        #[serde(rename = "selectedItems")] tasks: Selection, users: Ids, r#type: ProjectRole,
    } ignores []
    // Who made an annotation is who asks, whatever the body says.
    AnnotationBody { result: Option<Vec<Value>>, } ignores [
        bulk_created completed_by draft_created_at ground_truth import_id last_action last_created_by
        lead_time parent_annotation parent_prediction project task unique_id updated_by was_cancelled
    ]
    NewReview { annotation: i64, #[serde(default)] accepted: bool, } ignores [
        comment last_annotation_history reject_action remove_from_queue result started_at
    ]
}

macro_rules! queries {
    ($( $(#[$on:meta])* $Query:ident { $( $(#[$meta:meta])* $field:ident: $ty:ty, )* } )+) => {$(
        #[derive(Deserialize, FromRequestParts)]
        #[from_request(via(Query), rejection(Failure))]
        $(#[$on])*
        pub struct $Query {
            $( $(#[$meta])* pub $field: $ty, )*
        }
    )+};
}

queries! {
    MembershipsQuery { ordering: Option<String>, role: Option<String>, search: Option<String>, }
    // Members of a project or a workspace.
    MembersQuery {
        ordering: Option<String>,
        #[serde(default, deserialize_with = "listed")] ids: Option<Ids>,
        search: Option<String>,
    }
    // What leaves as a file is no more than was meant: a filter that is not known is an error.
    #[serde(deny_unknown_fields)] ExportQuery {
        ordering: Option<String>,
        #[serde(default, deserialize_with = "listed")] ids: Option<Ids>,
        search: Option<String>,
    }
    FiltersQuery { filters: Option<String>, }
    ProjectQuery { project: Id, }
    // What selects for a change says all of it: a filter that was ignored would change more.
    #[serde(deny_unknown_fields)] SelectionQuery {
        #[serde(default)] all: bool,
        #[serde(default, deserialize_with = "listed")] included: Option<Ids>,
        #[serde(default, deserialize_with = "listed")] excluded: Option<Ids>,
    }
    #[serde(deny_unknown_fields)] NoQuery {}
    OwnRolesQuery { #[serde(default, deserialize_with = "listed")] ids: Option<Ids>, }
    InvitationQuery { #[serde(default)] token: String, }
    WorkspaceFilter { ordering: Option<String>, }
    // The client has both of these, for a part of the title.
    ProjectFilter { ordering: Option<String>, search: Option<String>, title: Option<String>, }
    TaskFilter { project: Option<Id>, query: Option<String>, }
    AssigneeQuery { users: String, r#type: ProjectRole, }
    MemberQuery { #[serde(alias = "user_id")] user: Id, }
    // `after` is the last user of the page before.
    PeopleQuery { action: Action, after: Option<Id>, }
    // Of members `after` is the last user of the page before, of rows the last row.
    ImpactQuery { change: Side, after: Option<Id>, row: Option<Id>, user: Option<Id>, }
}

impl From<ExportQuery> for MembersQuery {
    fn from(ExportQuery { ordering, ids, search }: ExportQuery) -> Self {
        Self { ordering, ids, search }
    }
}

/// The seat of somebody who is invited: a standard one, which the client may send.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seat {
    Standard,
}

/// The only version that there is of the filters of members.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "u64")]
pub struct FilterVersion;

impl FilterVersion {
    pub const NUMBER: u64 = 1;
}

impl TryFrom<u64> for FilterVersion {
    type Error = &'static str;

    fn try_from(number: u64) -> Result<Self, &'static str> {
        if number == Self::NUMBER { Ok(Self) } else { Err("`version` is 1") }
    }
}

/// Which side of an edited override is listed.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Gained,
    Lost,
}

/// Tells a field that is null from one that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl TryFrom<Selection> for Selected {
    type Error = Failure;

    fn try_from(selection: Selection) -> Result<Self, Failure> {
        match selection {
            Selection { all: false, included: Some(ids), excluded: None } => Ok(Self::Only(ids)),
            Selection { all: true, included: None, excluded } => {
                Ok(Self::AllBut(excluded.unwrap_or_default()))
            }
            _ => Err(bad_request("`included`, or `all` and what is `excluded`")),
        }
    }
}

impl SelectionQuery {
    pub fn selected(self) -> Result<Selected, Failure> {
        let Self { all, included, excluded } = self;
        Selection { all, included, excluded }.try_into()
    }
}

/// The addresses that a request names: at least one, no more than [`MANY`], and each once.
#[derive(Deserialize)]
#[serde(try_from = "Vec<Email>")]
pub struct Emails(pub Vec<Email>);

impl TryFrom<Vec<Email>> for Emails {
    type Error = &'static str;

    fn try_from(emails: Vec<Email>) -> Result<Self, &'static str> {
        let each: BTreeSet<_> = emails.iter().map(Email::as_str).collect();
        match each.len() == emails.len() && (1..=MANY).contains(&emails.len()) {
            true => Ok(Self(emails)),
            false => Err("each address once, and 1 to 1000"),
        }
    }
}

/// An e-mail address, in lower case: addresses are compared without case.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Email(String);

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = &'static str;

    /// Takes printable ASCII alone: each character is visible and has one lower case.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let is_seen = |byte: u8| byte.is_ascii_graphic() && byte != b'@';
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(is_seen);
        match text.split_once('@') {
            Some((user, host)) if is_part(user) && is_part(host) && text.len() <= 254 => {
                Ok(Self(text.to_ascii_lowercase()))
            }
            _ => Err("not an e-mail address"),
        }
    }
}

impl TryFrom<String> for Email {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        text.parse()
    }
}

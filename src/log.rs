//! Logs of decisions, lists, lists of people, access reports and membership changes.
//!
//! [`Subject::logged`] takes a function that writes an entry, and returns a [`Logged`] subject that calls it for
//! each [`authorize`](Logged::authorize), [`decide`](Logged::decide), list, list of
//! [people](Logged::authorize_people), [access report](Logged::authorize_report) and
//! [membership change](Logged::change), permitted or not. The function is called before the proof is returned: if it
//! fails, no proof is returned.
//!
//! Methods that only help to draw a page, such as [`Subject::can`] and [`actions`](Subject::actions), are not logged:
//! call them on the [`subject`](Logged::subject). The guide [*Log decisions*](crate::guide::log) stores the entries in
//! a table of a database.
//!
//! ```
//! use std::cell::RefCell;
//!
//! use labelgate::log::LogEntry;
//! use labelgate::{Denied, OrganizationId, ProjectId, Role, Row, Subject, UserId, act};
//!
//! #[derive(Debug, PartialEq)]
//! enum Problem {
//!     Denied(Denied),
//!     LogIsFull,
//! }
//!
//! impl From<Denied> for Problem {
//!     fn from(denied: Denied) -> Self {
//!         Self::Denied(denied)
//!     }
//! }
//!
//! let entries = RefCell::new(Vec::new());
//! let caller = Subject::new(OrganizationId(1), UserId(7), Role::Manager).logged(|entry: &LogEntry| {
//!     if entries.borrow().len() == 2 {
//!         return Err(Problem::LogIsFull);
//!     }
//!     entries.borrow_mut().push(*entry);
//!     Ok(())
//! });
//!
//! // A row that was not found: only the handler knows its id.
//! let missing: Option<Row<ProjectId<i32>>> = None;
//! assert!(caller.authorize(act::ExportData, (ProjectId(100), missing)).is_err());
//! assert!(caller.authorize_list(act::ViewProject).is_ok());
//! assert_eq!(caller.authorize_list(act::ViewProject).unwrap_err(), Problem::LogIsFull);
//!
//! let entries = entries.into_inner();
//! assert_eq!(entries[0].to_string(), "user 7 of organization 1: data.export of project 100: not_found");
//! assert_eq!(
//!     entries[1].to_string(),
//!     "user 7 of organization 1: list of projects.view within organization 1: allowed",
//! );
//! ```

use core::fmt::{self, Write as _};
use core::str::FromStr;

use crate::action::{Action, ActionType};
use crate::audit::Audit;
use crate::decision::{Denied, Granted};
use crate::excerpt::Escaped;
use crate::id::OrganizationId;
use crate::kind::Kind;
use crate::listing::Listing;
use crate::matrix::Matrix;
use crate::membership::{Approved, MembershipAudit, Refused};
use crate::people::People;
use crate::permit::Permit;
use crate::report::Report;
use crate::row::{MaybeRow, RowId};
use crate::subject::Subject;

text_enum! {
    /// What the subject of a [`LogEntry`] asked for.
    ///
    /// ```
    /// use labelgate::log::Question;
    ///
    /// assert_eq!(Question::People.code(), "people");
    /// assert_eq!("list".parse(), Ok(Question::List));
    /// ```
    #[non_exhaustive]
    pub enum Question {
        /// May the user do the action to the row?
        Decision = "decision",
        /// To which rows within the row may the user do the action?
        List = "list",
        /// Who may do the action to the row?
        People = "people",
        /// Who may do what in the organization?
        Report = "report",
        /// May the user change the membership?
        Change = "change",
    }

    /// Returns the code of the question, which logs hold.
    pub const fn code;

    /// The error returned when the code of a question cannot be parsed.
    ///
    /// ```
    /// use labelgate::log::Question;
    ///
    /// let error = "rows".parse::<Question>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown question `rows`");
    /// ```
    pub struct UnknownQuestion: "question";
}

/// The name of an access report in a [`LogEntry`].
const ACCESS_REPORT: &str = "access_report";

/// An entry of a log: the user, the action, the row, and the record of the decision.
///
/// It has no time: your log adds it. It borrows nothing, so it can be sent to another thread. With the feature
/// `serde` it is an object of its fields. Reading refuses missing and unknown fields.
///
/// `organization`, `user` and `id` are personal data if your ids are. The other fields are not.
///
/// ```
/// use labelgate::log::LogEntry;
/// use labelgate::{Action, Denied, Kind, OrganizationId, Reason, Role, Subject, UserId};
///
/// let caller = Subject::new(OrganizationId(1), UserId(7), Role::Manager).logged(|entry: &LogEntry| {
///     assert_eq!((entry.user.as_str(), entry.name.as_str()), ("7", "organizations.invite"));
///     assert_eq!((entry.kind, entry.id.unwrap().as_str()), (Some(Kind::Organization), "1"));
///     assert!(!entry.is_allowed());
///     assert_eq!(entry.decision.unwrap().reason, Some(Reason::RoleNeverHolds));
///     Ok::<(), Denied>(())
/// });
/// let organization = caller.subject().own_organization();
/// assert!(caller.decide(Action::InvitePeople, organization).is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LogEntry {
    /// The organization of the subject.
    pub organization: LogText,
    /// The user of the subject.
    pub user: LogText,
    /// The [name](ActionType::NAME) of the action, or the code of the membership operation. Of a list of people, it
    /// is the action that they may do; the decision is about [`Action::ViewPeoplePage`]. Of an access report, it is
    /// `access_report`; the decision is about [`Action::ViewActivityLog`].
    pub name: LogText,
    /// What was asked for.
    pub question: Question,
    /// The kind of the row that the question is about, or that the list is within. `None` for a membership change.
    pub kind: Option<Kind>,
    /// The id of that row, or of the member. `None` if it is not known.
    pub id: Option<LogText>,
    /// The record of a decision, a list, a list of people or an access report. `None` for a membership change.
    pub decision: Option<Audit>,
    /// The record of a membership change.
    pub change: Option<MembershipAudit>,
}

#[cfg(feature = "serde")]
crate::serial::object!(LogEntry { organization, user, name, question, kind, id, decision, change });

impl LogEntry {
    /// The entry of a membership change that no logged subject asked for: somebody signs up, or a directory assigns a
    /// role. `user` is the member whom it is about.
    ///
    /// ```
    /// # #[cfg(feature = "invitations")] {
    /// use labelgate::log::LogEntry;
    /// use labelgate::membership::{Applicant, Invitation, MembershipPolicy};
    /// use labelgate::{OrganizationId, UserId};
    ///
    /// let (acme, ann) = (OrganizationId(1), UserId(9));
    /// let invitation = Invitation::new(acme, "d8a928").unwrap();
    /// let applicant = Applicant::Anonymous(ann);
    /// let sign_up = MembershipPolicy::new(acme).sign_up(applicant, Some(&invitation), "d8a928", None);
    /// let entry = LogEntry::change(&acme, &ann, sign_up.unwrap().audit());
    /// assert_eq!(entry.to_string(), "user 9 of organization 1: sign_up of user 9: allowed");
    /// # }
    /// ```
    #[must_use]
    pub fn change(
        organization: &dyn fmt::Display,
        user: &dyn fmt::Display,
        audit: MembershipAudit,
    ) -> Self {
        let (organization, user) = (LogText::new(organization), LogText::new(user));
        Self {
            name: LogText::new(&audit.operation),
            id: Some(user),
            change: Some(audit),
            ..Self::of(Question::Change, organization, user)
        }
    }

    fn of(question: Question, organization: LogText, user: LogText) -> Self {
        let name = LogText::new(&"");
        let (kind, id, decision, change) = (None, None, None, None);
        Self { organization, user, name, question, kind, id, decision, change }
    }

    /// Returns true if what was asked for was permitted.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        match self.question {
            Question::Change => self.change.is_some_and(|audit| audit.allowed),
            _ => self.decision.is_some_and(|audit| audit.allowed),
        }
    }

    /// Replays the decision, list, list of people or access report with this matrix. Returns true if it gives the
    /// same record. Returns false for a membership change: the log does not have the rows that decided it.
    ///
    /// ```
    /// use labelgate::log::LogEntry;
    /// use labelgate::{Denied, Matrix, OrganizationId, Role, Subject, UserId, act};
    ///
    /// let ann = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    /// let caller = ann.logged(|entry: &LogEntry| {
    ///     assert!(entry.agrees_with(&Matrix::BUILT_IN));
    ///     // A decision about one row would be a denial: a list does not know the facts of its rows.
    ///     assert!(!entry.decision.unwrap().agrees_with(&Matrix::BUILT_IN));
    ///     Ok::<(), Denied>(())
    /// });
    /// caller.authorize_list(act::ViewProject)?;
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn agrees_with(&self, matrix: &Matrix) -> bool {
        self.decision.is_some() && self.again(matrix) == self.decision
    }

    /// Replays the decision, list, list of people or access report with another matrix, and compares the answers:
    /// for the question what overrides would change in what people do. Returns `None` if the entry cannot be
    /// replayed, such as that of a membership change.
    ///
    /// A row that was not found, or that is in another organization, stays denied by each matrix.
    ///
    /// ```
    /// use labelgate::log::{LogEntry, Replay};
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::sets::Roles;
    /// use labelgate::{Action, Denied, Matrix, OrganizationId, ProjectId, Role, Subject, UserId, act};
    ///
    /// let only_administrators = Override { permission: Action::ExportData, roles: Roles::Administrator };
    /// let matrix = Overrides::new([only_administrators]).unwrap().matrix();
    ///
    /// let caller = Subject::new(OrganizationId(1), UserId(7), Role::Manager).logged(|entry: &LogEntry| {
    ///     assert_eq!(entry.replay(&matrix), Some(Replay::WouldBeDenied));
    ///     assert_eq!(entry.replay(&Matrix::BUILT_IN), Some(Replay::Unchanged));
    ///     Ok::<(), Denied>(())
    /// });
    /// let project = caller.subject().row(ProjectId(100), OrganizationId(1), 8).unwrap();
    /// caller.authorize(act::ExportData, project)?;
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn replay(&self, matrix: &Matrix) -> Option<Replay> {
        let again = self.again(matrix)?;
        Some(match (self.is_allowed(), again.allowed) {
            (false, true) => Replay::WouldBePermitted,
            (true, false) => Replay::WouldBeDenied,
            (true, true) | (false, false) => Replay::Unchanged,
        })
    }

    /// Decides again with this matrix. Returns `None` if the entry does not have the inputs of its decision.
    fn again(&self, matrix: &Matrix) -> Option<Audit> {
        let (audit, kind) = (self.decision?, self.kind?);
        let named: Option<Action> = self.name.as_str().parse().ok();
        let is_named = named.is_none_or(|action| action == audit.action);
        let is_report = self.name.as_str() == ACCESS_REPORT;
        if is_report != (self.question == Question::Report) {
            return None;
        }
        match self.question {
            Question::Decision if is_named => audit.replay(matrix),
            Question::List if is_named => audit.replay_list(kind, matrix),
            Question::People => audit.replay_people(kind, matrix),
            Question::Report if kind == Kind::Organization => audit.replay_report(matrix),
            Question::Decision | Question::List | Question::Report | Question::Change => None,
        }
    }
}

text_enum! {
    /// The answer of another matrix to the question of a [`LogEntry`], compared with the answer in the log.
    ///
    /// ```
    /// use labelgate::log::Replay;
    ///
    /// assert_eq!(Replay::ALL.map(Replay::code), ["unchanged", "would_be_permitted", "would_be_denied"]);
    /// ```
    pub enum Replay {
        /// The answer is the same.
        Unchanged = "unchanged",
        /// It was denied, and would be permitted.
        WouldBePermitted = "would_be_permitted",
        /// It was permitted, and would be denied.
        WouldBeDenied = "would_be_denied",
    }

    /// Returns the code.
    pub const fn code;

    /// The error returned when the code cannot be parsed.
    ///
    /// ```
    /// use labelgate::log::Replay;
    ///
    /// assert_eq!("gone".parse::<Replay>().unwrap_err().to_string(), "unknown replay `gone`");
    /// ```
    pub struct UnknownReplay: "replay";
}

/// Displays the entry, such as "user 7 of organization 1: data.export of project 100: scope_not_held".
impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user {} of organization {}: ", self.user, self.organization)?;
        let (what, of) = match self.question {
            Question::Decision | Question::Report | Question::Change => ("", "of"),
            Question::List => ("list of ", "within"),
            Question::People => ("people for ", "of"),
        };
        write!(f, "{what}{} {of} ", self.name)?;
        match self.kind {
            Some(kind) => write!(f, "{kind}")?,
            None => f.write_str("user")?,
        }
        if let Some(id) = self.id {
            write!(f, " {id}")?;
        }
        match (self.decision, self.change.and_then(|audit| audit.refusal)) {
            // Not the named action is denied, but viewing the row, the people page or the activity log.
            (Some(Audit { reason: Some(reason), action, .. }), _)
                if matches!(self.question, Question::People | Question::Report) =>
            {
                write!(f, ": {action}: {reason}")
            }
            (Some(Audit { reason: Some(reason), .. }), _) => write!(f, ": {reason}"),
            (_, Some(refusal)) => write!(f, ": {}", refusal.code()),
            _ => f.write_str(": allowed"),
        }
    }
}

/// A text in a [`LogEntry`], such as an id. Unprintable characters are escaped, so an entry fits on one line of a
/// log. It has up to 64 bytes. A longer text is cut and ends with `...`.
///
/// ```
/// use labelgate::log::LogText;
///
/// assert_eq!(LogText::new(&7).as_str(), "7");
/// assert_eq!(LogText::new(&"a\nb").as_str(), r"a\nb");
/// assert_eq!(LogText::new(&"x".repeat(100)).as_str(), "x".repeat(61) + "...");
/// ```
#[derive(Clone, Copy, Eq)]
pub struct LogText {
    bytes: [u8; Self::CAPACITY],
    len: u8,
}

impl LogText {
    const CAPACITY: usize = 64;
    const CUT: &'static str = "...";

    /// The text that the value displays as.
    #[must_use]
    pub fn new(value: &dyn fmt::Display) -> Self {
        let mut text = Self { bytes: [0; Self::CAPACITY], len: 0 };
        let is_whole = write!(Escaped(&mut text), "{value}").is_ok();
        if !is_whole {
            while usize::from(text.len) + Self::CUT.len() > Self::CAPACITY {
                text.len -= text.as_str().chars().next_back().map_or(1, char::len_utf8) as u8;
            }
            _ = text.write_str(Self::CUT);
        }
        text
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// Compares the texts only: after a cut, old bytes can follow the text.
impl PartialEq for LogText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// Returns an error if the text is full.
impl fmt::Write for LogText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            let from = usize::from(self.len);
            let place = self.bytes.get_mut(from..from + c.len_utf8()).ok_or(fmt::Error)?;
            self.len += c.encode_utf8(place).len() as u8;
        }
        Ok(())
    }
}

impl fmt::Display for LogText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for LogText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl FromStr for LogText {
    type Err = core::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(&text))
    }
}

#[cfg(feature = "serde")]
crate::serial::text!(LogText, "a text of a log");

/// A subject whose decisions are logged: see the [module](self). It does not dereference to the
/// [`subject`](Self::subject), whose decisions are not logged.
///
/// All methods return the error type of the log function. It implements `From<Denied>`, and for
/// [`change`](Self::change) `From<Refused>`. Use the error type of your handlers.
///
/// ```
/// use labelgate::log::LogEntry;
/// use labelgate::{Action, Denied, OrganizationId, ProjectId, Role, Subject, UserId, act};
///
/// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// let caller = mia.logged(|entry: &LogEntry| {
///     println!("{entry}"); // or a row of a table
///     Ok::<(), Denied>(())
/// });
/// let project = mia.row(ProjectId(100), OrganizationId(1), 8).unwrap();
/// let tasks = caller.authorize_list_in(act::ViewProjectData, &project)?;
/// let same = caller.authorize_list_of(Action::ViewProjectData, &project);
/// assert_eq!(same.unwrap()?.within(), tasks.within());
/// # Ok::<(), Denied>(())
/// ```
///
/// `can` would not be logged, so a logged subject does not have it. This does not compile:
///
/// ```compile_fail,E0599
/// # use labelgate::log::LogEntry;
/// # use labelgate::{Action, Denied, OrganizationId, ProjectId, Role, Subject, UserId, act};
/// # let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// # let caller = mia.logged(|entry: &LogEntry| Ok::<(), Denied>(()));
/// caller.can(Action::ViewPeoplePage, mia.own_organization());
/// ```
#[derive(Clone, Copy)]
pub struct Logged<L, T, U = T> {
    subject: Subject<T, U>,
    log: L,
}

impl<T, U> Subject<T, U> {
    /// Logs the decisions of this subject with a function. See the module [`log`](crate::log).
    pub fn logged<L, E>(self, log: L) -> Logged<L, T, U>
    where
        L: Fn(&LogEntry) -> Result<(), E>,
    {
        Logged { subject: self, log }
    }
}

impl<L, T, U> Logged<L, T, U> {
    /// Returns the subject. Its decisions are not logged.
    #[must_use]
    pub const fn subject(&self) -> &Subject<T, U> {
        &self.subject
    }
}

impl<L, E, T, U> Logged<L, T, U>
where
    L: Fn(&LogEntry) -> Result<(), E>,
    T: fmt::Display,
    U: fmt::Display,
{
    /// Calls the log function, and then returns the answer.
    fn write<P>(
        &self,
        question: Question,
        name: &str,
        (kind, id): (Kind, Option<LogText>),
        answer: Result<P, Denied>,
        audit: impl FnOnce(&P) -> Audit,
    ) -> Result<P, E>
    where
        E: From<Denied>,
    {
        let name = LogText::new(&name);
        let decision = Some(answer.as_ref().map_or_else(Denied::audit, audit));
        (self.log)(&LogEntry { name, kind: Some(kind), id, decision, ..self.entry(question) })?;
        Ok(answer?)
    }

    fn entry(&self, question: Question) -> LogEntry {
        let organization = LogText::new(&self.subject.organization());
        LogEntry::of(question, organization, LogText::new(&self.subject.user()))
    }

    /// Calls [`Subject::decide`] and logs the decision.
    ///
    /// # Errors
    ///
    /// Returns an error if the log fails, or if the action is denied.
    pub fn decide<R: MaybeRow>(&self, action: Action, row: R) -> Result<Granted, E>
    where
        E: From<Denied>,
        R::Id: fmt::Display,
        T: PartialEq<R::Organization>,
        U: PartialEq<R::User>,
    {
        let about = about(&row);
        let answer = self.subject.decide(action, row);
        self.write(Question::Decision, action.key(), about, answer, Granted::audit)
    }

    /// Calls [`Subject::authorize`] and logs the decision.
    ///
    /// # Errors
    ///
    /// Returns an error if the log fails, or if the action is denied.
    pub fn authorize<A: ActionType, R: MaybeRow>(
        &self,
        action: A,
        row: R,
    ) -> Result<Permit<A, R::Row>, E>
    where
        E: From<Denied>,
        R::Id: fmt::Display,
        T: PartialEq<R::Organization>,
        U: PartialEq<R::User>,
    {
        let about = about(&row);
        let answer = self.subject.authorize(action, row);
        self.write(Question::Decision, A::NAME, about, answer, Permit::audit)
    }

    /// Calls [`Subject::authorize_list`] and logs the decision.
    ///
    /// # Errors
    ///
    /// Returns an error if the log fails, or if the list is denied.
    pub fn authorize_list<A: ActionType>(
        &self,
        action: A,
    ) -> Result<Listing<A, OrganizationId<T>, T, U>, E>
    where
        E: From<Denied>,
        T: Clone + PartialEq,
        U: Clone + PartialEq,
    {
        self.authorize_list_in(action, self.subject.own_organization())
    }

    /// Calls [`Subject::authorize_list_in`] and logs the decision.
    ///
    /// # Errors
    ///
    /// Returns an error if the log fails, or if the list is denied.
    pub fn authorize_list_in<A: ActionType, R: MaybeRow>(
        &self,
        action: A,
        row: R,
    ) -> Result<Listing<A, R::Id, T, U>, E>
    where
        E: From<Denied>,
        R::Id: Clone + fmt::Display,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        let about = about(&row);
        let answer = self.subject.authorize_list_in(action, row);
        self.write(Question::List, A::NAME, about, answer, Listing::audit)
    }

    /// Calls [`Subject::authorize_list_of`] and logs the decision. `None` is not logged.
    ///
    /// # Errors
    ///
    /// Returns an error if the log fails, or if the list is denied.
    #[expect(clippy::type_complexity, reason = "`None` and a denial are not the same")]
    pub fn authorize_list_of<R: MaybeRow>(
        &self,
        action: Action,
        row: R,
    ) -> Option<Result<Listing<Action, R::Id, T, U>, E>>
    where
        E: From<Denied>,
        R::Id: Clone + fmt::Display,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        let about = about(&row);
        let answer = self.subject.authorize_list_of(action, row)?;
        Some(self.write(Question::List, action.key(), about, answer, Listing::audit))
    }

    /// Calls [`Subject::authorize_people`] and logs the decision.
    ///
    /// ```
    /// use labelgate::log::LogEntry;
    /// use labelgate::{Denied, OrganizationId, ProjectId, Role, Subject, UserId, act};
    ///
    /// let ann = Subject::new(OrganizationId(1), UserId(9), Role::Annotator);
    /// let caller = ann.logged(|entry: &LogEntry| {
    ///     let line = "user 9 of organization 1: people for data.export of project 100: \
    ///         members.view: role_never_holds";
    ///     assert_eq!(entry.to_string(), line);
    ///     Ok::<(), Denied>(())
    /// });
    /// let project = ann.row(ProjectId(100), OrganizationId(1), 32 + 8).unwrap();
    /// assert_eq!(caller.authorize_people(act::ExportData, &project).unwrap_err().answer().status(), 403);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the log fails, or if the list of people is denied.
    pub fn authorize_people<A: ActionType, R: MaybeRow>(
        &self,
        action: A,
        row: R,
    ) -> Result<People<A, R::Id, T, U>, E>
    where
        E: From<Denied>,
        R::Id: Clone + fmt::Display,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        let about = about(&row);
        let answer = self.subject.authorize_people(action, row);
        self.write(Question::People, A::NAME, about, answer, People::audit)
    }

    /// Calls [`Subject::authorize_people_of`] and logs the decision.
    ///
    /// ```
    /// use labelgate::log::LogEntry;
    /// use labelgate::{Action, Denied, OrganizationId, Role, Subject, UserId};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let caller = mia.logged(|entry: &LogEntry| Ok::<(), Denied>(println!("{entry}")));
    /// let people = caller.authorize_people_of(Action::InvitePeople, mia.own_organization())?;
    /// assert_eq!(people.action(), Action::InvitePeople);
    /// # Ok::<(), Denied>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the log fails, or if the list of people is denied.
    pub fn authorize_people_of<R: MaybeRow>(
        &self,
        action: Action,
        row: R,
    ) -> Result<People<Action, R::Id, T, U>, E>
    where
        E: From<Denied>,
        R::Id: Clone + fmt::Display,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        let about = about(&row);
        let answer = self.subject.authorize_people_of(action, row);
        self.write(Question::People, action.key(), about, answer, People::audit)
    }

    /// Calls [`Subject::authorize_report`] and logs the decision.
    ///
    /// ```
    /// use labelgate::log::LogEntry;
    /// use labelgate::{Denied, OrganizationId, Role, Subject, UserId};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let caller = mia.logged(|entry: &LogEntry| {
    ///     let line = "user 7 of organization 1: access_report of organization 1: \
    ///         activity_log.view: role_never_holds";
    ///     assert_eq!(entry.to_string(), line);
    ///     Ok::<(), Denied>(())
    /// });
    /// assert!(caller.authorize_report(mia.own_organization()).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the log fails, or if the report is denied.
    pub fn authorize_report<R>(&self, organization: R) -> Result<Report<T, U>, E>
    where
        E: From<Denied>,
        R: MaybeRow<Id = OrganizationId<T>>,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        let about = about(&organization);
        let answer = self.subject.authorize_report(organization);
        self.write(Question::Report, ACCESS_REPORT, about, answer, Report::audit)
    }

    /// Decides a membership change with the function `decide`, which calls a
    /// [`MembershipPolicy`](crate::membership::MembershipPolicy), and logs the decision. `member` is the member whom
    /// the change is about, if there is one.
    ///
    /// ```
    /// use labelgate::log::LogEntry;
    /// use labelgate::membership::{Member, MembershipPolicy, Refused, RoleSource};
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let admin = Subject::new(acme, UserId(2), Role::Administrator).logged(|entry: &LogEntry| {
    ///     assert_eq!(entry.to_string(), "user 2 of organization 1: assign of user 9: allowed");
    ///     Ok::<(), Refused>(())
    /// });
    /// let (user, role, source) = (UserId(9), Role::NotActivated, RoleSource::Manual);
    /// let ann = Member { organization: acme, user, role, source };
    /// let change = admin.change(Some(&ann.user), |subject| {
    ///     MembershipPolicy::new(acme).assign(subject, &ann, Role::Annotator)
    /// })?;
    /// assert_eq!(change.change().member.role, Role::Annotator);
    /// # Ok::<(), Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the log fails, or if the change is refused.
    pub fn change<C>(
        &self,
        member: Option<&dyn fmt::Display>,
        decide: impl FnOnce(&Subject<T, U>) -> Result<Approved<C>, Refused>,
    ) -> Result<Approved<C>, E>
    where
        E: From<Refused>,
    {
        let answer = decide(&self.subject);
        let audit = match &answer {
            Ok(approved) => approved.audit(),
            Err(refused) => refused.audit(),
        };
        (self.log)(&LogEntry {
            name: LogText::new(&audit.operation),
            id: member.map(LogText::new),
            change: Some(audit),
            ..self.entry(Question::Change)
        })?;
        Ok(answer?)
    }
}

/// Returns the kind and the id of a row.
fn about<R: MaybeRow<Id: fmt::Display>>(row: &R) -> (Kind, Option<LogText>) {
    (R::Id::KIND, row.id().map(|id| LogText::new(id)))
}

impl<L, T: fmt::Debug, U: fmt::Debug> fmt::Debug for Logged<L, T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logged").field("subject", &self.subject).finish_non_exhaustive()
    }
}

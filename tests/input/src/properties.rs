//! What holds of any input. The fuzz targets below `tests/fuzz` try it on inputs that they find, and
//! `tests/corpus.rs` on those that they have found.
//!
//! Each function says what it has `seen`: which type took the input, and which refused it.

use std::fmt::{Debug, Display};
use std::iter;
use std::str::FromStr;

use labelgate::audit::{Audit, Fingerprint};
use labelgate::error::InvalidFacts;
use labelgate::log::{LogEntry, Question};
use labelgate::membership::{
    MemberData, MemberDataSet, MembershipAudit, Operation, Refusal, RoleSource,
};
use labelgate::overrides::{Override, Overrides};
use labelgate::sets::{FactSet, Roles, Scopes};
use labelgate::wire::{
    AssignProjectRole, AssignRole, AssignedProjectRole, DefaultRole, Invite, Membership,
    Organization, OrganizationRef, Page, Permission, PermissionOptions, PermissionRoles,
};
use labelgate::{
    Action, Actions, Fact, Facts, Kind, Matrix, OrganizationId, ProjectId, ProjectRole, Reason,
    RecordId, Role, Row, Scope, ScopeCtx, Subject, TaskId, UserId, WorkspaceId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_str, from_value, to_string, to_value};

use crate::hostile::is_tame;
use labelgate_examples::{decide, matrix, world};
use labelgate_test_support::oracle;

/// Told of each type whether it took the input.
pub type Seen<'a> = &'a mut dyn FnMut(&'static str, bool);

/// A line of an error, and in it the beginning of what it refuses.
fn refused(error: impl Display, input: &str) {
    let line = error.to_string();
    assert!(is_tame(&line), "{line}");
    let mut excerpt = String::new();
    let (mut kept, mut cut) = (0, false);
    for c in input.chars() {
        kept += c.len_utf8();
        if kept > 30 {
            cut = true;
            break;
        }
        if (' '..='~').contains(&c) {
            excerpt.extend(['`', '\\'].contains(&c).then_some('\\'));
            excerpt.push(c);
        } else {
            excerpt.extend(c.escape_debug());
        }
    }
    excerpt.push_str(if cut { "..." } else { "" });
    assert!(line.ends_with(&format!(" `{excerpt}`")), "{line} {excerpt}");
}

/// A type whose text is what it displays as.
fn word<T: FromStr<Err: Display> + Display + Debug + PartialEq>(input: &str) -> bool {
    match input.parse::<T>() {
        Ok(value) => {
            assert_eq!(value.to_string(), input);
            assert_eq!(input.parse().ok(), Some(value));
            true
        }
        Err(error) => {
            refused(error, input);
            false
        }
    }
}

/// A reference to an organization whose ids are integers, or strings.
fn reference<T>(input: &str, spelled: impl Fn(&T) -> bool) -> bool
where
    T: FromStr + Display + Debug + PartialEq,
{
    match input.parse::<OrganizationRef<T>>() {
        Ok(OrganizationRef::Only) => assert_eq!(input, "0"),
        Ok(OrganizationRef::Id(OrganizationId(id))) => {
            assert!(input != "0" && id.to_string() == input && spelled(&id), "{id}");
            let all = [OrganizationId(id)];
            let same: OrganizationRef<T> = input.parse().unwrap();
            assert_eq!(same.resolve(&all), Ok(&all[0]));
        }
        Err(error) => {
            assert!(!input.parse().is_ok_and(|id: T| id.to_string() == input), "{input}");
            refused(error, input);
            return false;
        }
    }
    true
}

/// Every type that is read from a text.
pub fn text(input: &[u8], seen: Seen<'_>) {
    let Ok(input) = std::str::from_utf8(input) else { return };
    macro_rules! words {
        ($($Type:ident)+) => { $( seen(stringify!($Type), word::<$Type>(input)); )+ };
    }
    words! {
        Role ProjectRole Action Scope Fact Reason Operation RoleSource MemberData Fingerprint
        Question
    }
    // A refusal displays as what it says, and is read from its code.
    match input.parse::<Refusal>() {
        Ok(refusal) => assert_eq!(refusal.code(), input),
        Err(ref error) => refused(error, input),
    }
    seen("Refusal", input.parse::<Refusal>().is_ok());
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    seen("u8", reference::<u8>(input, |id| digits(&id.to_string())));
    seen("u64", reference::<u64>(input, |id| digits(&id.to_string())));
    seen("i64", reference::<i64>(input, |id| digits(id.to_string().trim_start_matches('-'))));
    assert!(reference::<String>(input, |_| true));
}

/// A type whose JSON comes back, and of which one value is written in one way.
fn json_of<T: Serialize + DeserializeOwned + PartialEq + Debug>(input: &str) -> bool {
    match from_str::<T>(input) {
        Ok(value) => {
            let written = to_string(&value).unwrap();
            let again: T = from_str(&written).unwrap();
            assert_eq!(again, value, "{written}");
            assert_eq!(to_string(&again).unwrap(), written);
            assert_eq!(from_value::<T>(to_value(&value).unwrap()).unwrap(), value, "{written}");
            true
        }
        Err(error) => {
            let line = error.to_string();
            assert!(is_tame(&line), "{line}");
            false
        }
    }
}

/// A type that takes a JSON string where it takes the text, and no other JSON.
fn json_word<T>(input: &str) -> bool
where
    T: FromStr + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let text = from_str::<String>(input).ok();
    let expected = text.and_then(|text| text.parse().ok());
    assert_eq!(from_str::<T>(input).ok(), expected);
    json_of::<T>(input)
}

/// A set that takes a list in which nothing stands twice, and no other JSON.
fn json_set<Set, T>(input: &str) -> bool
where
    Set: bitflags::Flags + FromIterator<T> + Serialize + DeserializeOwned + PartialEq + Debug,
    T: DeserializeOwned + Copy + PartialEq,
{
    let list = from_str::<Vec<T>>(input).ok();
    let once = |list: &Vec<T>| list.iter().enumerate().all(|(at, one)| !list[..at].contains(one));
    let expected = list.filter(once).map(|list| list.into_iter().collect());
    assert_eq!(from_str::<Set>(input).ok(), expected);
    json_of::<Set>(input)
}

/// Every type that is read from JSON.
pub fn json(input: &[u8], seen: Seen<'_>) {
    let Ok(input) = std::str::from_utf8(input) else { return };
    macro_rules! all {
        ($how:ident: $($Type:ty),+) => { $( seen(stringify!($Type), $how::<$Type>(input)); )+ };
    }
    all!(json_word: Role, ProjectRole, Action, Scope, Fact, Reason, Refusal, Operation, RoleSource);
    all!(json_word: MemberData, Fingerprint, Question);
    macro_rules! sets {
        ($($Set:ident of $Type:ident)+) => {
            $( seen(stringify!($Set), json_set::<$Set, $Type>(input)); )+
        };
    }
    sets!(Roles of Role Actions of Action Scopes of Scope FactSet of Fact MemberDataSet of MemberData);
    all!(json_of: Facts, ScopeCtx, Override, Overrides, Audit, MembershipAudit, LogEntry);
    all!(json_of: OrganizationId<u64>, WorkspaceId<i64>, ProjectId<u8>, TaskId<String>);
    all!(json_of: RecordId<Option<bool>>, UserId<Vec<u64>>);
    all!(json_of: AssignRole<u64>, Membership<u64, String>, Page<Vec<u64>, String>);
    all!(json_of: Organization<u64, String>, DefaultRole, AssignProjectRole<u64>);
    all!(json_of: AssignedProjectRole<u64>, Permission<u64>, PermissionRoles, PermissionOptions);
    seen("Invite<String>", invite(input));
    // Whatever a record says, it is held against a matrix without a panic.
    if let Ok(audit) = from_str::<Audit>(input) {
        let agrees = audit.agrees_with(&Matrix::BUILT_IN);
        assert!(!agrees || audit.matrix == Matrix::BUILT_IN.fingerprint());
        assert!(!agrees || audit.allowed == audit.reason.is_none());
    }
    if let Ok(entry) = from_str::<LogEntry>(input) {
        let agrees = entry.agrees_with(&Matrix::BUILT_IN);
        assert!(!agrees || entry.decision.is_some_and(|audit| audit.allowed == entry.is_allowed()));
        for text in [Some(entry.organization), Some(entry.user), Some(entry.name), entry.id] {
            assert!(text.is_none_or(|text| text.as_str().len() <= 64));
        }
        assert!(is_tame(&entry.to_string()), "{entry}");
    }
    // Overrides that are accepted are applied, and each of them is one.
    if let Ok(set) = from_str::<Overrides>(input) {
        assert_eq!(Overrides::new(set.iter()), Ok(set));
        assert!(set.matrix().dominates(Role::Owner, Role::Administrator));
    }
}

/// The secret of a link is not displayed, in an error either.
fn invite(input: &str) -> bool {
    let invite = match from_str::<Invite<String>>(input) {
        Ok(invite) => invite,
        Err(error) => {
            assert!(is_tame(&error.to_string()), "{error}");
            return false;
        }
    };
    let written = to_string(&invite).unwrap();
    assert!(from_str::<Invite<String>>(&written).is_ok_and(|again| again == invite));
    assert_eq!(format!("{invite:?}"), "Invite { .. }");
    true
}

/// Bytes as numbers; there are zeros at the end.
struct Numbers<'a>(&'a mut dyn Iterator<Item = u8>);

impl Numbers<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        [0; N].map(|_: u8| self.0.next().unwrap_or_default())
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        let [number] = self.take();
        all[usize::from(number) % all.len()]
    }
}

/// A set takes the bits that it knows, and holds what was put in.
fn set<Set, T>(bits: Set::Bits, elements: impl Fn(Set) -> Vec<T>) -> bool
where
    Set: bitflags::Flags + FromIterator<T> + PartialEq + Debug + Copy + Display,
    T: Display + Copy,
    Set::Bits: PartialEq,
{
    let all = Set::from_bits_truncate(bits);
    assert_eq!(elements(all).into_iter().collect::<Set>(), all);
    let names: Vec<_> = elements(all).iter().map(T::to_string).collect();
    assert_eq!(all.to_string(), names.join(", "));
    let known = Set::from_bits(bits);
    assert_eq!(known.is_some(), all.bits() == bits);
    assert_eq!(known.unwrap_or(all), all);
    // Bits that stand for nothing are in no list.
    assert_eq!(elements(Set::from_bits_retain(bits)).into_iter().collect::<Set>(), all);
    known.is_some()
}

/// Every integer that is read, and a decision by what was read: the oracle's, forwards and backwards.
pub fn bits(input: &[u8], seen: Seen<'_>) {
    let mut input = input.iter().copied().chain(iter::repeat(0));
    let mut numbers = Numbers(&mut input);

    let bits = i64::from_le_bytes(numbers.take());
    let facts = Facts::from_bits(bits);
    assert_eq!(Facts::try_from(bits), facts);
    if let Ok(bits) = i32::try_from(bits) {
        assert_eq!(Facts::try_from(bits), facts);
    }
    match facts {
        Ok(facts) => {
            let implied = if bits & 1 << 8 == 0 { 0 } else { 1 << 4 };
            assert_eq!(i64::from(facts.bits()), bits | implied);
            assert!(oracle::possible(facts.bits()));
            assert_eq!(facts.elements().collect::<Facts>(), facts);
            assert_eq!(Facts::from_bits(facts.bits().into()), Ok(facts));
            let text = to_string(&facts).unwrap();
            assert_eq!(from_str::<Facts>(&text).unwrap(), facts);
        }
        Err(InvalidFacts::Unknown { bits: refused }) => {
            assert!(refused == bits && !(0..1 << Fact::COUNT).contains(&bits), "{bits}");
        }
        Err(error) => {
            assert!((0..1 << Fact::COUNT).contains(&bits) && bits & 96 == 96, "{bits} {error}")
        }
    }
    seen("Facts", facts.is_ok());

    let list = u32::from_le_bytes(numbers.take());
    seen("Actions", set::<Actions, Action>(list, |set| set.elements().collect()));
    let facts_list = u16::from_le_bytes(numbers.take());
    seen("FactSet", set::<FactSet, Fact>(facts_list, |set| set.elements().collect()));
    let [roles, scopes, belongings] = numbers.take();
    seen("Roles", set::<Roles, Role>(roles, |set| set.elements().collect()));
    seen("Scopes", set::<Scopes, Scope>(scopes, |set| set.elements().collect()));
    seen(
        "MemberDataSet",
        set::<MemberDataSet, MemberData>(belongings, |set| set.elements().collect()),
    );
    let ctx = ScopeCtx::from_scopes(Scopes::from_bits_retain(scopes));
    seen("ScopeCtx", ctx.is_ok());
    if let Ok(ctx) = ctx {
        assert!(ScopeCtx::ALL.contains(&ctx));
        assert_eq!(ScopeCtx::from_scopes(ctx.scopes()), Ok(ctx));
    }

    // A token with these actions, in a matrix with such a cell.
    let (role, changed) = (numbers.of(&Role::ALL), numbers.of(&Role::ALL));
    let (action, cell) = (numbers.of(&Action::ALL), numbers.of(&Action::ALL));
    let [through_api, outside] = numbers.take::<2>().map(|number| number & 1 != 0);
    let scopes = Scopes::from_bits_truncate(scopes);
    let matrix = Matrix::BUILT_IN.with_cell(changed, cell, scopes);
    seen("Matrix", matrix.is_ok());
    let (Ok(facts), Ok(matrix)) = (facts, matrix) else { return };
    let limit = Actions::from_bits_truncate(list);
    let subject = Subject::new(OrganizationId(1), UserId(7), role).with_matrix(matrix);
    let subject = subject.limited_to(limit);
    let subject = if through_api { subject.through_api() } else { subject };
    let organization = OrganizationId(if outside { 2 } else { 1 });
    let task = Row::<TaskId<u8>>::seen_by(UserId(7), TaskId(5), organization, facts).unwrap();
    assert_eq!(task.facts().bits(), oracle::known("Task", facts.bits()));

    let letters: Vec<_> = scopes.elements().map(Scope::symbol).collect();
    let letters = letters.join(" ");
    let cells = |role: &str, key: &str| match (role, key) {
        (role, key) if role == changed.code() && key == cell.key() => letters.clone(),
        _ => oracle::cell(role, key).to_owned(),
    };
    let (known, keys) =
        ((!outside).then_some(task.facts().bits()), limit.elements().map(Action::key));
    let (keys, code, key) = (keys.collect::<Vec<_>>(), role.code(), action.key());
    let expected = oracle::narrowed_in(&cells, code, key, known, through_api, Some(&keys));
    assert_eq!(subject.can(action, task), expected);
    let is_done_to_it = action.kind() == Kind::Task;
    assert_eq!(subject.actions(task).has(action), expected && is_done_to_it);
    let all = Some(facts.bits());
    let expected_of_all = oracle::narrowed_in(&cells, code, key, all, through_api, Some(&keys));
    assert_eq!(subject.filter(action).matches(facts), expected_of_all);
    let audit = match subject.decide(action, task) {
        Ok(granted) => granted.audit(),
        Err(denied) => {
            let hidden =
                oracle::narrowed_hidden_in(&cells, code, key, known, through_api, Some(&keys));
            assert_eq!(denied.is_hidden(), hidden);
            denied.audit()
        }
    };
    assert_eq!(audit.allowed, expected);
    assert!(audit.agrees_with(&matrix));
    assert_eq!(from_str::<Audit>(&to_string(&audit).unwrap()).unwrap(), audit);
    seen("decision", expected);
}

/// The examples that read a file: what they print is lines that no input can forge.
pub fn files(input: &[u8], seen: Seen<'_>) {
    let Ok(input) = std::str::from_utf8(input) else { return };
    let mut answer = |name, answer: fn(&str) -> Result<String, String>| {
        let found = answer(input);
        seen(name, found.is_ok());
        match &found {
            Ok(text) => {
                let plain = |c| c == '\n' || (' '..='~').contains(&c);
                assert!(text.chars().all(plain), "{text}");
            }
            Err(line) => assert!(is_tame(line), "{line}"),
        }
        assert_eq!(answer(input), found);
        found.ok()
    };
    let decisions = answer("decide", decide::decide_all);
    let differences = answer("matrix", matrix::matrix);
    let table = answer("world", world::table);
    // A line for each request.
    if let Some(decisions) = decisions {
        let requests = from_str::<Vec<Value>>(input).unwrap();
        assert_eq!(decisions.lines().count(), requests.len());
    }
    // The same overrides, as they are written, are the same matrix.
    if let Some(differences) = differences {
        let overrides = from_str::<Overrides>(input).unwrap();
        assert_eq!(matrix::matrix(&to_string(&overrides).unwrap()), Ok(differences));
    }
    // Nobody stands in a row without being there.
    if let Some(table) = table {
        let world = from_str::<Value>(input).unwrap();
        let organizations = world["organizations"].as_array().unwrap();
        for line in table.lines() {
            let place = line.split(['/', ' ']).next().unwrap();
            let row = organizations.iter().find(|row| row["id"] == place).unwrap();
            let who = line.split("  ").map(str::trim).filter(|word| !word.is_empty()).nth(1);
            let (user, home) = who.unwrap().split_once('@').unwrap();
            assert!(home == place && row["members"].get(user).is_some(), "{line}");
        }
    }
}

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicySet,
    Request, RestrictedExpression,
};

const POLICY: &str = "
permit(principal == Role::\"MA\", action == Action::\"data.export\", resource)
when { context.is_member };
";

fn uid(kind: &str, id: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().unwrap();
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

fn answer(role: &str, action: &str, is_member: bool) -> bool {
    let policies: PolicySet = POLICY.parse().unwrap();
    let is_member = RestrictedExpression::new_bool(is_member);
    let context = Context::from_pairs([("is_member".to_owned(), is_member)]).unwrap();
    let (role, action) = (uid("Role", role), uid("Action", action));
    let request = Request::new(role, action, uid("Project", "1"), context, None).unwrap();
    let response = Authorizer::new().is_authorized(&request, &policies, &Entities::empty());
    response.decision() == Decision::Allow
}

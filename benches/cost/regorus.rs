use regorus::{Engine, Value};

const POLICY: &str = "
package labeling
default allow := false
allow if {
    input.role == \"MA\"
    input.action == \"data.export\"
    input.is_member
}
";

fn answer(role: &str, action: &str, is_member: bool) -> bool {
    let mut engine = Engine::new();
    engine.add_policy("labeling.rego".to_owned(), POLICY.to_owned()).unwrap();
    let mut input = Value::new_object();
    let object = input.as_object_mut().unwrap();
    object.insert("role".into(), role.into());
    object.insert("action".into(), action.into());
    object.insert("is_member".into(), is_member.into());
    engine.set_input(input);
    engine.eval_rule("data.labeling.allow".to_owned()).unwrap() == Value::from(true)
}

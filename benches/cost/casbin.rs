use std::pin::pin;
use std::task::{Context, Poll, Waker};

use casbin::{CoreApi, DefaultModel, Enforcer, StringAdapter};

const MODEL: &str = "
[request_definition]
r = role, action, is_member
[policy_definition]
p = role, action
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.role == p.role && r.action == p.action && r.is_member
";

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!(),
    }
}

fn answer(role: &str, action: &str, is_member: bool) -> bool {
    let model = ready(DefaultModel::from_str(MODEL)).unwrap();
    let policy = StringAdapter::new("p, MA, data.export");
    let enforcer = ready(Enforcer::new(model, policy)).unwrap();
    enforcer.enforce((role, action, is_member)).unwrap()
}

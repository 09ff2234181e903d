use oso::{Oso, PolarClass};

#[derive(PolarClass)]
struct Row {
    #[polar(attribute)]
    is_member: bool,
}

fn answer(role: &str, action: &str, is_member: bool) -> bool {
    let mut oso = Oso::new();
    oso.register_class(Row::get_polar_class()).unwrap();
    oso.load_str("allow(\"MA\", \"data.export\", row: Row) if row.is_member;").unwrap();
    oso.is_allowed(role, action, Row { is_member }).unwrap()
}

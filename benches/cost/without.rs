fn answer(role: &str, action: &str, is_member: bool) -> bool {
    role.len() < action.len() && is_member
}

//! A PostgreSQL that the tests start for themselves: one server for a test process, a database for
//! each test. It listens on a socket in its own temporary folder and nowhere else.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Statement};

use crate::installed::{self, output};
use crate::{Dialect, Engine, Value};

/// Makes a server in the current folder, says when it is ready, and keeps it for as long as its own
/// input is open. That ends with the process at the other end, however it ends; then the server is
/// stopped at once and the folder removed.
const KEEPER: &str = r#"
trap '' PIPE  # nobody may be there any more to be told that it is ready
{
    initdb --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync &&
    cat >>data/postgresql.conf <<END &&
listen_addresses = ''
unix_socket_directories = '$PWD'
fsync = off
synchronous_commit = off
full_page_writes = off
END
    pg_ctl start --pgdata=data --log=server.log --wait
} >keeper.log 2>&1 </dev/null
if [ $? -eq 0 ]; then
    echo ready
    cat >/dev/null
else
    cat keeper.log server.log >&2
fi
pg_ctl stop --pgdata=data --mode=immediate >/dev/null 2>&1 </dev/null
folder=$PWD
cd /
rm -rf "$folder"
"#;

struct Server {
    folder: PathBuf,
    config: Config,
    /// Creates and drops databases.
    client: Mutex<Client>,
    /// Its input is never written to: the keeper waits for its end.
    _keeper: Child,
}

/// The server of this process, started when it is first asked for.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

fn start() -> Server {
    let installed = installed::postgres().expect("PostgreSQL");
    let folder = new_folder(installed.user);
    let path = env::var_os("PATH").unwrap_or_default();
    let path = [installed.programs].into_iter().chain(env::split_paths(&path));

    let mut keeper = match installed.user {
        Some(user) => {
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--", "sh", "-c", KEEPER]);
            command
        }
        None => {
            let mut command = Command::new("sh");
            command.args(["-c", KEEPER]);
            command
        }
    };
    keeper
        .current_dir(&folder)
        .env("PATH", env::join_paths(path).expect("a path"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0); // an interrupt at the keyboard is for the tests; the keeper cleans up
    let mut keeper = keeper.spawn().expect("a shell");
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    if line != "ready\n" {
        panic!("PostgreSQL did not start, see above: {:?}", keeper.wait());
    }

    let mut config = Config::new();
    config.host_path(&folder).user("postgres").dbname("postgres");
    let client = Mutex::new(config.connect(NoTls).expect("a connection"));
    Server { folder, config, client, _keeper: keeper }
}

/// A folder for the server alone.
fn new_folder(user: Option<&str>) -> PathBuf {
    let folder = env::temp_dir().join(format!("labelgate-postgres-{}", process::id()));
    fs::DirBuilder::new().mode(0o700).create(&folder).expect("a temporary folder");
    if let Some(user) = user {
        let id = |flag| output("id", &[flag, user]).and_then(|id| id.parse().ok());
        chown(&folder, id("-u"), id("-g")).expect("a folder of that user");
    }
    folder
}

/// A database of its own, which is dropped with this.
pub struct Postgres {
    pub client: Client,
    name: String,
    prepared: HashMap<String, Statement>,
}

impl Postgres {
    pub fn create() -> Postgres {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        in_server(&format!("CREATE DATABASE {name}")).expect("a database");
        let client = server().config.clone().dbname(&name).connect(NoTls).expect("a connection");
        Postgres { client, name, prepared: HashMap::new() }
    }

    /// This database as a URL, for other clients.
    pub fn url(&self) -> String {
        let folder = server().folder.to_str().expect("a path of text");
        format!("postgres://postgres@localhost/{}?host={folder}", self.name)
    }

    /// Another connection to this database, as some role of the server.
    pub fn connect(&self, role: &str) -> Client {
        let mut config = server().config.clone();
        config.dbname(&self.name).user(role).connect(NoTls).expect("a connection")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // All databases go with the server: one that cannot be dropped is no failure.
        let _ = in_server(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn in_server(sql: &str) -> Result<(), postgres::Error> {
    server().client.lock().unwrap_or_else(PoisonError::into_inner).batch_execute(sql)
}

impl Engine for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn run(&mut self, sql: &str) {
        self.prepared.clear(); // tables may be others afterwards
        self.client.batch_execute(sql).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
    }

    fn rows(&mut self, sql: &str, binds: &[Value]) -> Vec<Vec<Value>> {
        let binds: Vec<&(dyn ToSql + Sync)> = binds.iter().map(|bind| bind as _).collect();
        let fail = |error| -> Statement { panic!("{error:?}\n{sql}") };
        if !self.prepared.contains_key(sql) {
            let statement = self.client.prepare(sql).unwrap_or_else(fail);
            self.prepared.insert(sql.to_owned(), statement);
        }
        let rows = self.client.query(&self.prepared[sql], &binds);
        let rows = rows.unwrap_or_else(|error| panic!("{error:?}\n{sql}\n{binds:?}"));
        rows.iter().map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect()
    }
}

/// A value is bound as the type that the statement gives its place.
impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Bool(is_so), &Type::BOOL) => is_so.to_sql(ty, out),
            (Value::Integer(number), &Type::INT8) => number.to_sql(ty, out),
            (Value::Integer(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            (Value::Integer(number), &Type::INT2) => i16::try_from(*number)?.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR) => text.to_sql(ty, out),
            (Value::Uuid(id), &Type::UUID) => {
                out.extend_from_slice(&id.to_be_bytes());
                Ok(IsNull::No)
            }
            _ => Err(format!("{self:?} is no {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Value, Box<dyn Error + Sync + Send>> {
        match *ty {
            Type::BOOL => bool::from_sql(ty, raw).map(Value::Bool),
            Type::INT2 => i16::from_sql(ty, raw).map(|number| Value::Integer(number.into())),
            Type::INT4 => i32::from_sql(ty, raw).map(|number| Value::Integer(number.into())),
            Type::INT8 => i64::from_sql(ty, raw).map(Value::Integer),
            Type::UUID => Ok(Value::Uuid(u128::from_be_bytes(raw.try_into()?))),
            _ => String::from_sql(ty, raw).map(Value::Text),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Value, Box<dyn Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(ty: &Type) -> bool {
        let numbers = [Type::BOOL, Type::INT2, Type::INT4, Type::INT8];
        numbers.contains(ty) || [Type::TEXT, Type::VARCHAR, Type::UUID].contains(ty)
    }
}

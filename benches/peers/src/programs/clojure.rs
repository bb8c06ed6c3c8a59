use std::{env, ffi::OsString, fs, path::Path, process::Command};

use super::{SOURCES, on_path, succeed};

/// Where Debian's package libcore-async-clojure and those it depends on put their jars.
const JARS: &str = "/usr/share/java";
const NEEDED: &[&str] = &[
    "clojure.jar",
    "spec.alpha.jar",
    "core.specs.alpha.jar",
    "core.async.jar",
    "tools.analyzer.jvm.jar",
    "tools.analyzer.jar",
    "tools.reader.jar",
    "core.memoize.jar",
    "core.cache.jar",
    "data.priority-map.jar",
    "asm.jar",
];

/// The program in Clojure, with the jars that `CSP_PEERS_CLASSPATH` names, or Debian's; compiled beforehand, since
/// core.async and its go blocks take Clojure many seconds.
pub(super) fn program(build: &Path) -> Result<Vec<OsString>, String> {
    let java = on_path("java").ok_or("there is no `java` on the path")?;
    let jars = match env::var_os("CSP_PEERS_CLASSPATH") {
        Some(jars) => jars,
        None => debians()?,
    };
    let compiled = build.join("clojure");
    fs::create_dir_all(&compiled).map_err(|error| error.to_string())?;
    let mut classes = compiled.clone().into_os_string();
    classes.push(":");
    classes.push(jars);
    let mut sources = classes.clone();
    sources.push(":");
    sources.push(Path::new(SOURCES).join("clojure"));
    let mut path = OsString::from("-Dclojure.compile.path=");
    path.push(&compiled);
    let mut command = Command::new(&java);
    command
        .arg(path)
        .arg("-cp")
        .arg(sources)
        .args(["clojure.main", "-e", "(compile 'peers)"]);
    succeed(&mut command)?;
    let mut command = vec![OsString::from(java), "-cp".into(), classes];
    command.extend(["clojure.main", "-m", "peers"].map(OsString::from));
    Ok(command)
}

fn debians() -> Result<OsString, String> {
    let mut classes = OsString::new();
    for name in NEEDED {
        let jar = Path::new(JARS).join(name);
        if !jar.is_file() {
            return Err(format!(
                "there is no {} (Debian's package libcore-async-clojure brings it; or name jars in \
                 CSP_PEERS_CLASSPATH)",
                jar.display()
            ));
        }
        if !classes.is_empty() {
            classes.push(":");
        }
        classes.push(jar);
    }
    Ok(classes)
}

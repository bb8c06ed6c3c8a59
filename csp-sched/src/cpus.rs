//! How many workers a runtime gets when nobody says how many.
//!
//! `min(affinity, max(2, ceil(quota / period)))`, as in Go (GO-122), where
//! 1. *affinity* is the number of CPUs that are online and that the calling thread may run on,
//!    and which the workers started by it inherit;
//! 2. *quota / period* is the CPU time that the process may use, in CPUs: the tightest limit on its
//!    cgroup and on every ancestor of it that is mounted here, in either version of cgroups;
//! 3. under a quota below two CPUs there are still two workers if affinity allows them, so that
//!    a long computation in one block does not hold up all others.
//!
//! The environment variable `CSP_WORKERS` overrides all of this.
//!
//! [`num_cpus::get`] counts the CPUs where Linux's `/proc` and `/sys` are not to be had. It is not
//! asked first, because it mixes the limit of the process's own cgroup into its answer (an answer
//! of 1 may then be half a CPU's time on 64 CPUs), knows nothing of the ancestors', and remembers
//! the first that it read. `available_parallelism` of std mixes them as well, and rounds down.
//!
//! Everything below [`worker_count`] gets the root directory passed, so that tests can build a
//! system of their own. What cannot be read or understood there counts as no limit.

use std::{
    env,
    error::Error,
    ffi::{OsStr, OsString},
    fmt, fs,
    num::NonZeroUsize,
    path::{Component, Path, PathBuf},
};

#[cfg(test)]
mod tests;

/// The environment variable that sets the number of workers.
const SETTING: &str = "CSP_WORKERS";

/// No runtime has more workers than this, by setting or by default.
const MAX_WORKERS: usize = 1024;

/// A quota alone never leaves fewer workers than this.
const MIN_UNDER_QUOTA: usize = 2;

/// The period of a `cpu.max` that names none, in microseconds.
const DEFAULT_PERIOD: u64 = 100_000;

/// Decides the number of workers by `CSP_WORKERS`, affinity and cgroup quota, read afresh.
///
/// # Errors
/// If `CSP_WORKERS` is set to anything but a number from 1 to 1024.
pub(crate) fn worker_count() -> Result<NonZeroUsize, WorkerCountError> {
    if cfg!(any(csp_loom, csp_shuttle)) {
        // Models are the same on every machine.
        return Ok(at_least_one(2));
    }
    let setting = env::var_os(SETTING);
    count_for(setting.as_deref(), Path::new("/"), num_cpus::get)
}

/// The value of `CSP_WORKERS` is not a number of workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WorkerCountError {
    value: OsString,
}

impl fmt::Display for WorkerCountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{SETTING} is {:?}, which is no number of workers: set it to a whole number from 1 to \
             {MAX_WORKERS}, or unset it to have one worker for each CPU that may be used",
            self.value.to_string_lossy()
        )
    }
}

impl Error for WorkerCountError {}

/// Decides as [`worker_count`] does, for the system under `root`.
fn count_for(
    setting: Option<&OsStr>,
    root: &Path,
    count_cpus: impl FnOnce() -> usize,
) -> Result<NonZeroUsize, WorkerCountError> {
    match setting {
        Some(value) => parse_setting(value),
        None => Ok(default_count(
            affinity(root).unwrap_or_else(count_cpus),
            quota(root),
        )),
    }
}

fn parse_setting(value: &OsStr) -> Result<NonZeroUsize, WorkerCountError> {
    value
        .to_str()
        .and_then(|text| text.parse::<NonZeroUsize>().ok())
        .filter(|count| count.get() <= MAX_WORKERS)
        .ok_or_else(|| WorkerCountError {
            value: value.to_owned(),
        })
}

/// The rule in the head of this module; `quota` is in whole CPUs.
fn default_count(affinity: usize, quota: Option<usize>) -> NonZeroUsize {
    let most = quota.map_or(MAX_WORKERS, |cpus| cpus.clamp(MIN_UNDER_QUOTA, MAX_WORKERS));
    at_least_one(affinity.min(most))
}

fn at_least_one(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN)
}

/// Counts the CPUs that the calling thread may run on, or says `None` where that is not told.
fn affinity(root: &Path) -> Option<usize> {
    let status = read(root, "/proc/thread-self/status")?;
    let allowed = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    // A thread that was never bound may run on CPUs that are not there (yet).
    let online = read(root, "/sys/devices/system/cpu/online")?;
    let count = count_common(&parse_cpu_list(allowed)?, &parse_cpu_list(&online)?);
    (count > 0).then_some(count)
}

/// CPU numbers from the first to the last, both included.
type CpuRange = (usize, usize);

/// Reads the kernel's notation for sets of CPUs, such as `0-3,8`.
fn parse_cpu_list(text: &str) -> Option<Vec<CpuRange>> {
    text.trim()
        .split(',')
        .map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some((first.parse().ok()?, last.parse().ok()?))
        })
        .collect()
}

/// Counts the CPUs that are in both lists; the ranges of one list do not overlap.
fn count_common(left: &[CpuRange], right: &[CpuRange]) -> usize {
    let overlap = |a: &CpuRange, b: &CpuRange| {
        let (first, last) = (a.0.max(b.0), a.1.min(b.1));
        last.saturating_add(1).saturating_sub(first)
    };
    left.iter()
        .flat_map(|a| right.iter().map(move |b| overlap(a, b)))
        .sum()
}

/// Returns the tightest CPU limit on the process's cgroups, in CPUs and rounded up.
fn quota(root: &Path) -> Option<usize> {
    let groups = read(root, "/proc/self/cgroup")?;
    let mounts = read(root, "/proc/self/mountinfo")?;
    // A hybrid system has both versions; the one that does not control the CPU sets no limit.
    mounts
        .lines()
        .filter_map(Mount::parse)
        .filter_map(|mount| Some((mount.version, mount.dirs(group(&groups, mount.version)?)?)))
        .flat_map(|(version, dirs)| dirs.into_iter().map(move |dir| (version, dir)))
        .filter_map(|(version, dir)| version.limit(root, &dir))
        .min()
}

/// Which of the kernel's two interfaces a mounted cgroup tree has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

impl Version {
    /// Reads the limit that one cgroup's directory sets, in CPUs and rounded up.
    fn limit(self, root: &Path, dir: &Path) -> Option<usize> {
        match self {
            Self::V1 => {
                let quota = read(root, dir.join("cpu.cfs_quota_us"))?;
                let period = read(root, dir.join("cpu.cfs_period_us"))?;
                whole_cpus(&quota, &period)
            }
            Self::V2 => {
                let max = read(root, dir.join("cpu.max"))?;
                let mut words = max.split_whitespace();
                let quota = words.next()?;
                match words.next() {
                    Some(period) => whole_cpus(quota, period),
                    None => whole_cpus(quota, &DEFAULT_PERIOD.to_string()),
                }
            }
        }
    }
}

/// Divides and rounds up; "no limit" is written `-1` or `max`, which are no such numbers.
fn whole_cpus(quota: &str, period: &str) -> Option<usize> {
    let quota: u64 = quota.trim().parse().ok()?;
    let period: u64 = period.trim().parse().ok()?;
    let cpus = (period > 0).then(|| quota.div_ceil(period))?;
    Some(usize::try_from(cpus).unwrap_or(usize::MAX))
}

/// A cgroup tree, or a part of one, that is mounted and may limit CPU time.
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    version: Version,
    /// The cgroup that one sees at `point`: `/`, or a container's in a bare mount.
    root: PathBuf,
    point: PathBuf,
}

impl Mount {
    /// Reads a line of mountinfo; `None` if it is about something else.
    fn parse(line: &str) -> Option<Self> {
        // 35 25 0:30 / /sys/fs/cgroup/cpu rw,relatime shared:15 - cgroup cgroup rw,cpu,cpuacct
        let (place, filesystem) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3).map(unescape);
        let (root, point) = (place.next()?, place.next()?);
        let mut filesystem = filesystem.split(' ');
        let (kind, options) = (filesystem.next()?, filesystem.nth(1)?);
        let version = match kind {
            "cgroup" if has_cpu(options) => Version::V1,
            "cgroup2" => Version::V2,
            _ => return None,
        };
        Some(Self {
            version,
            root: root.into(),
            point: point.into(),
        })
    }

    /// Lists the directories of `group` and of all its ancestors, as far as they are mounted here.
    fn dirs(&self, group: &str) -> Option<Vec<PathBuf>> {
        let inside = Path::new(group).strip_prefix(&self.root).ok()?;
        // A group above the root of the cgroup namespace is not below the mount point either.
        if inside.components().any(|part| part == Component::ParentDir) {
            return None;
        }
        let dirs = inside.ancestors().map(|part| self.point.join(part));
        Some(dirs.collect())
    }
}

/// Finds the process's cgroup in the text of `/proc/self/cgroup`.
fn group(groups: &str, version: Version) -> Option<&str> {
    groups.lines().find_map(|line| {
        // 4:cpu,cpuacct:/system.slice in version 1, 0::/system.slice in version 2
        let mut fields = line.splitn(3, ':');
        let (id, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        let found = match version {
            Version::V1 => has_cpu(controllers),
            Version::V2 => id == "0" && controllers.is_empty(),
        };
        found.then_some(path)
    })
}

fn has_cpu(list: &str) -> bool {
    list.split(',').any(|word| word == "cpu")
}

/// Undoes mountinfo's `\040` for a space and the like.
fn unescape(field: &str) -> String {
    let mut parts = field.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let escaped = part
            .split_at_checked(3)
            .and_then(|(code, rest)| Some((u8::from_str_radix(code, 8).ok()?, rest)));
        if let Some((byte, rest)) = escaped {
            text.push(char::from(byte));
            text.push_str(rest);
        } else {
            text.push('\\');
            text.push_str(part);
        }
    }
    text
}

/// Reads the file at an absolute path below `root`; a byte that is no UTF-8 spoils only its line.
fn read(root: &Path, path: impl AsRef<Path>) -> Option<String> {
    let path = path.as_ref();
    let bytes = fs::read(root.join(path.strip_prefix("/").unwrap_or(path))).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

//! GO-122: what Go's cgroup tests ask of the default number of workers, on made-up systems.

use std::process;

use super::*;

/// A directory that looks like the root of a Linux system; removed when dropped.
struct System {
    root: PathBuf,
}

impl System {
    /// Makes a system whose CPUs 0 to `cpus - 1` are online and all allowed; no cgroups.
    fn new(name: &str, cpus: usize) -> Self {
        let root = env::temp_dir().join(format!("csp-cpus-{}-{name}", process::id()));
        let system = Self { root };
        let list = format!("0-{}\n", cpus - 1);
        system.file("/sys/devices/system/cpu/online", &list);
        system.allow(&list);
        system
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.root.join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().expect("a file has a directory")).expect("mkdir");
        fs::write(path, text).expect("write");
    }

    fn allow(&self, list: &str) {
        let status = format!(
            "Name:\ttest\nCpus_allowed:\tff\nCpus_allowed_list:\t{}\nMems_allowed:\t1\n",
            list.trim()
        );
        self.file("/proc/thread-self/status", &status);
    }

    /// Puts the process into a cgroup of version 2, with the whole tree mounted.
    fn v2(&self, group: &str) {
        self.file("/proc/self/cgroup", &format!("0::{group}\n"));
        self.file(
            "/proc/self/mountinfo",
            "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw\n\
             29 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
        );
    }

    /// Puts the process into a cgroup of version 1, with the controllers mounted one by one.
    fn v1(&self, group: &str) {
        let groups = format!("9:cpuset:/elsewhere\n4:cpuacct,cpu:{group}\n1:name=systemd:/init\n");
        self.file("/proc/self/cgroup", &groups);
        self.file(
            "/proc/self/mountinfo",
            "31 25 0:26 / /sys/fs/cgroup/cpuset rw shared:9 - cgroup cgroup rw,cpuset\n\
             32 25 0:27 / /sys/fs/cgroup/cpu rw shared:10 - cgroup cgroup rw,cpuacct,cpu\n",
        );
    }

    fn v1_limit(&self, group: &str, quota: &str, period: &str) {
        let dir = format!("/sys/fs/cgroup/cpu{group}");
        self.file(&format!("{dir}/cpu.cfs_quota_us"), quota);
        self.file(&format!("{dir}/cpu.cfs_period_us"), period);
    }

    fn workers(&self) -> usize {
        self.workers_set(None).expect("nothing set")
    }

    fn workers_set(&self, setting: Option<&str>) -> Result<usize, WorkerCountError> {
        let count = count_for(setting.map(OsStr::new), &self.root, || {
            panic!("this system tells its CPUs")
        });
        count.map(NonZeroUsize::get)
    }
}

impl Drop for System {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.root).ok();
    }
}

#[test]
fn go_122_default_is_every_cpu_allowed() {
    let system = System::new("default", 8);
    assert_eq!(system.workers(), 8);
}

#[test]
fn go_122_no_limit_in_either_version() {
    let system = System::new("no-limit", 8);
    system.v2("/user/app");
    system.file("/sys/fs/cgroup/user/app/cpu.max", "max 100000\n");
    assert_eq!(system.workers(), 8);

    system.v1("/user");
    system.v1_limit("/user", "-1\n", "100000\n");
    assert_eq!(system.workers(), 8);
}

#[test]
fn go_122_quota_above_the_cpu_count() {
    let system = System::new("above", 4);
    system.v2("/app");
    system.file("/sys/fs/cgroup/app/cpu.max", "1200000 100000\n");
    assert_eq!(system.workers(), 4);

    system.v1("/app");
    system.v1_limit("/app", "1200000\n", "100000\n");
    assert_eq!(system.workers(), 4);
}

#[test]
fn go_122_quota_rounds_up_and_leaves_two() {
    let system = System::new("rounding", 8);
    system.v2("/app");
    let cases = [
        ("300000 100000\n", 3),
        ("300001 100000\n", 4),
        ("250000 100000\n", 3),
        ("6000 2000\n", 3),
        ("200000 100000\n", 2),
        ("100001 100000\n", 2),
        ("100000 100000\n", 2),
        ("1000 100000\n", 2),
        ("350000\n", 4),
    ];
    for (max, workers) in cases {
        system.file("/sys/fs/cgroup/app/cpu.max", max);
        assert_eq!(system.workers(), workers, "{max:?}");
    }

    system.v1("/app");
    system.v1_limit("/app", "250000\n", "100000\n");
    assert_eq!(system.workers(), 3);
    system.v1_limit("/app", "50000\n", "100000\n");
    assert_eq!(system.workers(), 2);
}

#[test]
fn go_122_small_quota_on_one_cpu_is_one_worker() {
    let system = System::new("one-cpu", 8);
    system.v2("/app");
    system.file("/sys/fs/cgroup/app/cpu.max", "50000 100000\n");
    system.allow("5");
    assert_eq!(system.workers(), 1);
}

#[test]
fn go_122_explicit_setting_wins() {
    let system = System::new("setting", 4);
    system.v2("/app");
    system.file("/sys/fs/cgroup/app/cpu.max", "300000 100000\n");
    assert_eq!(system.workers_set(None), Ok(3));
    for (setting, workers) in [("1", 1), ("3", 3), ("64", 64), ("1024", 1024)] {
        assert_eq!(system.workers_set(Some(setting)), Ok(workers));
    }
}

#[test]
fn go_122_setting_that_is_no_number_of_workers() {
    let system = System::new("bad-setting", 4);
    for setting in [
        "", "0", "-1", "four", "1025", "2.5", "0x4", " 4", "4\n", "1 2",
    ] {
        let error = system.workers_set(Some(setting)).expect_err(setting);
        let message = error.to_string();
        assert!(
            message.contains(&format!("CSP_WORKERS is {setting:?}")),
            "{message}"
        );
        assert!(message.contains("from 1 to 1024"), "{message}");
        assert!(message.contains("unset it"), "{message}");
    }
    let huge = "9".repeat(40);
    assert!(system.workers_set(Some(&huge)).is_err());
}

#[cfg(unix)]
#[test]
fn go_122_setting_that_is_no_text() {
    use std::os::unix::ffi::OsStrExt;

    let error = parse_setting(OsStr::from_bytes(b"4\xff")).expect_err("no UTF-8");
    assert!(error.to_string().contains("CSP_WORKERS is \"4\u{fffd}\""));
}

#[test]
fn go_122_affinity() {
    let system = System::new("affinity", 8);
    let cases = [
        ("3", 1),
        ("0-2", 3),
        ("1,3,5-7", 5),
        ("0-7", 8),
        ("6-4095", 2),
    ];
    for (list, workers) in cases {
        system.allow(list);
        assert_eq!(system.workers(), workers, "{list}");
    }
    system.file("/sys/devices/system/cpu/online", "0,2-5,8-11\n");
    system.allow("0-4,9");
    assert_eq!(system.workers(), 5);
}

#[test]
fn go_122_affinity_below_the_quota() {
    let system = System::new("affinity-quota", 8);
    system.v2("/app");
    system.file("/sys/fs/cgroup/app/cpu.max", "500000 100000\n");
    assert_eq!(system.workers(), 5);
    system.allow("0-2");
    assert_eq!(system.workers(), 3);
}

#[test]
fn go_122_affinity_untold_is_counted_otherwise() {
    let system = System::new("untold", 8);
    let ask = || count_for(None, &system.root, || 6).map(NonZeroUsize::get);
    for status in ["Name:\ttest\n", "Cpus_allowed_list:\t\n"] {
        system.file("/proc/thread-self/status", status);
        assert_eq!(ask(), Ok(6), "{status:?}");
    }
    system.allow("20-23"); // none of them online
    assert_eq!(ask(), Ok(6));
    system.allow("0-3");
    assert_eq!(ask(), Ok(4));
    fs::remove_file(system.root.join("sys/devices/system/cpu/online")).expect("was made");
    assert_eq!(ask(), Ok(6));
}

#[test]
fn go_122_ancestors_quota() {
    let system = System::new("ancestors", 8);
    system.v2("/slice/app/job");
    system.file("/sys/fs/cgroup/slice/app/job/cpu.max", "max 100000\n");
    system.file("/sys/fs/cgroup/slice/app/cpu.max", "500000 100000\n");
    assert_eq!(system.workers(), 5);
    system.file("/sys/fs/cgroup/slice/cpu.max", "60000 20000\n");
    assert_eq!(system.workers(), 3, "the tightest counts");
    system.file("/sys/fs/cgroup/slice/cpu.max", "700000 100000\n");
    assert_eq!(system.workers(), 5, "a wider one above does not");
    system.file("/sys/fs/cgroup/other/cpu.max", "200000 100000\n");
    assert_eq!(system.workers(), 5, "nor does one beside");

    let system = System::new("ancestors-v1", 8);
    system.v1("/slice/app");
    system.v1_limit("/slice/app", "-1\n", "100000\n");
    system.v1_limit("/slice", "350000\n", "100000\n");
    assert_eq!(system.workers(), 4);
}

#[test]
fn go_122_quota_at_the_root_of_a_container() {
    // A cgroup namespace: the container's own group is the root of all it sees.
    let system = System::new("namespace", 8);
    system.v2("/");
    system.file("/sys/fs/cgroup/cpu.max", "300000 100000\n");
    assert_eq!(system.workers(), 3);

    // Version 1 without one: the path is the host's, the mount begins at the container's group.
    let system = System::new("bare-mount", 8);
    system.file("/proc/self/cgroup", "4:cpu,cpuacct:/docker/1f/app\n");
    system.file(
        "/proc/self/mountinfo",
        "32 25 0:27 /docker/1f /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n",
    );
    system.v1_limit("/app", "-1\n", "100000\n");
    system.v1_limit("", "300000\n", "100000\n");
    assert_eq!(system.workers(), 3);
}

#[test]
fn go_122_hybrid_takes_the_tightest_of_both_versions() {
    let system = System::new("hybrid", 8);
    let both = |v1: &str, v2: &str| {
        system.v1_limit("/one", v1, "100000\n");
        system.file("/sys/fs/cgroup/unified/two/cpu.max", v2);
        system.workers()
    };
    system.file("/proc/self/cgroup", "3:cpu:/one\n0::/two\n");
    system.file(
        "/proc/self/mountinfo",
        "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\
         41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
    );
    assert_eq!(both("400000\n", "max 100000\n"), 4);
    assert_eq!(both("-1\n", "500000 100000\n"), 5);
    assert_eq!(both("600000\n", "300000 100000\n"), 3);
}

#[test]
fn go_122_quota_that_changes_is_read_again() {
    let system = System::new("changes", 8);
    system.v2("/app");
    for quota in [3, 5, 4] {
        let max = format!("{quota}00000 100000\n");
        system.file("/sys/fs/cgroup/app/cpu.max", &max);
        assert_eq!(system.workers(), quota);
    }
}

#[test]
fn go_122_what_makes_no_sense_is_no_limit() {
    let system = System::new("nonsense", 8);
    system.v2("/app");
    for max in ["", "\n", "lots 100000\n", "200000 0\n", "200000 never\n"] {
        system.file("/sys/fs/cgroup/app/cpu.max", max);
        assert_eq!(system.workers(), 8, "{max:?}");
    }
    system.file("/sys/fs/cgroup/app/cpu.max", "200000 100000\n");
    system.file("/proc/self/mountinfo", "no such thing\n1 - cgroup2\n");
    assert_eq!(system.workers(), 8);
    system.v2("/../app");
    assert_eq!(system.workers(), 8, "outside the namespace");
    system.file("/proc/self/cgroup", "0:no path\n");
    assert_eq!(system.workers(), 8);
}

#[test]
fn go_122_mount_point_with_spaces_and_odd_bytes_nearby() {
    let system = System::new("escapes", 8);
    system.v2("/app");
    let mut mounts = b"30 22 0:40 / /mnt/\xff rw - ext4 /dev/x rw\n".to_vec();
    mounts.extend(br"29 22 0:26 / /my\040cgroups\134 rw - cgroup2 none rw");
    fs::write(system.root.join("proc/self/mountinfo"), mounts).expect("write");
    system.file("/my cgroups\\/app/cpu.max", "300000 100000\n");
    assert_eq!(system.workers(), 3);
    assert_eq!(unescape(r"a\04"), r"a\04");
    assert_eq!(unescape(r"\9zz\"), r"\9zz\");
}

#[test]
fn go_122_a_machine_beyond_the_limit() {
    let system = System::new("huge", 5000);
    assert_eq!(system.workers(), MAX_WORKERS);
    assert_eq!(default_count(5000, Some(4000)).get(), MAX_WORKERS);
    assert_eq!(default_count(0, None).get(), 1);
}

#[test]
fn go_122_this_machine() {
    // Whatever CSP_WORKERS is out there, the system itself can be asked.
    let count = count_for(None, Path::new("/"), num_cpus::get).expect("nothing set");
    assert!((1..=MAX_WORKERS).contains(&count.get()));
    assert!(worker_count().is_ok_and(|n| n.get() <= MAX_WORKERS));
}

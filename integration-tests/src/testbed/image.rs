//! The root file systems that instances boot from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::process::run;
use crate::program;

/// What every image has beside Debian's important packages.
const PACKAGES: &str =
    "--include=systemd,systemd-sysv,systemd-resolved,udev,dbus,iproute2,iputils-ping,curl,procps,tcpdump";

/// The release of Debian, for which there is a word in the environment: bookworm has systemd 252, trixie 257.
const SUITE: &str = "EC2_NET_SUITE";

/// What the testbed's image has that EC2's has not: the devices of the testbed are of the driver veth, and the devices
/// of the host are none of the instance's business.
const FILES: [(&str, &str); 5] = [
    ("etc/systemd/network/80-ec2.network.d/10-veth.conf", "[Match]\nDriver=veth\nName=ens*\n"),
    (
        "etc/udev/rules.d/90-veth.rules",
        "ENV{ID_NET_DRIVER}==\"veth\", KERNEL==\"ens*\", ENV{EC2_NET_ENI}=\"1\"\n",
    ),
    ("etc/ec2-net/config.toml", "drivers = [\"veth\"]\n"),
    (
        "etc/systemd/system/systemd-udev-trigger.service.d/net.conf",
        "[Service]\nExecStart=\nExecStart=-udevadm trigger --type=devices --action=add --subsystem-match=net\n",
    ),
    ("etc/hostname", "instance\n"),
];

/// A root file system, which instances read and do not change.
#[derive(Clone, Copy, Debug)]
pub struct Image {
    root: &'static Path,
}

impl Image {
    /// Debian as it comes, with networkd off.
    #[track_caller]
    pub fn bare() -> Self {
        static ROOT: OnceLock<PathBuf> = OnceLock::new();
        Self { root: ROOT.get_or_init(|| unpack(&Self::suite(), "", &FILES)) }
    }

    /// Debian with NetworkManager, which runs the ENIs.
    #[track_caller]
    pub fn with_network_manager() -> Self {
        static ROOT: OnceLock<PathBuf> = OnceLock::new();
        let files = [
            FILES.as_slice(),
            // It leaves devices of the driver veth alone otherwise.
            &[("etc/udev/rules.d/90-nm.rules", "KERNEL==\"ens*\", ENV{NM_UNMANAGED}=\"0\"\n")],
        ];
        Self {
            root: ROOT.get_or_init(|| {
                unpack(&format!("{}-nm", Self::suite()), ",network-manager", &files.concat())
            }),
        }
    }

    /// Debian with the package.
    #[track_caller]
    pub fn installed() -> Self {
        static ROOT: OnceLock<PathBuf> = OnceLock::new();
        Self { root: ROOT.get_or_init(installed) }
    }

    /// The release of Debian that images are of.
    #[must_use]
    pub fn suite() -> String {
        std::env::var(SUITE).unwrap_or_else(|_| "bookworm".to_owned())
    }

    /// The package, built from the sources as they are.
    #[track_caller]
    pub fn package() -> PathBuf {
        let packages = program::target_directory().join("packages");
        run(Command::new("make").args(["--silent", "-C"]).arg(program::WORKSPACE).args([
            "-C",
            "packaging",
            "deb",
        ]));
        let entries = fs::read_dir(&packages).into_iter().flatten().flatten().map(|entry| entry.path());
        let package = entries.filter(|path| path.extension().is_some_and(|end| end == "deb")).max();
        package.unwrap_or_else(|| panic!("no package in `{}`", packages.display()))
    }

    pub(crate) fn root(&self) -> &'static Path {
        self.root
    }
}

/// Unpacks a root file system, which is made once in the life of the target directory, and writes some files to it.
#[track_caller]
fn unpack(name: &str, packages: &str, files: &[(&str, &str)]) -> PathBuf {
    let directory = program::target_directory().join("testbed");
    let (archive, root) = (directory.join(format!("{name}.tar")), directory.join(name));
    checked(&directory, fs::create_dir_all(&directory));
    if !archive.exists() {
        let unfinished = archive.with_extension("unfinished.tar");
        let packages = format!("{PACKAGES}{packages}");
        run(Command::new("mmdebstrap")
            .args(["--quiet", "--variant=important", &packages, &Image::suite()])
            .arg(&unfinished));
        checked(&archive, fs::rename(&unfinished, &archive));
    }
    fresh(&root);
    run(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&root));
    for (path, text) in files {
        let path = root.join(path);
        let directory = path.parent().unwrap_or(&root);
        checked(&path, fs::create_dir_all(directory).and_then(|()| fs::write(&path, text)));
    }
    root
}

/// Installs the package as an image build does, where nothing runs.
#[track_caller]
fn installed() -> PathBuf {
    let bare = Image::bare();
    let root = bare.root().with_extension("installed");
    fresh(&root);
    run(Command::new("cp").arg("-a").arg(bare.root().join(".")).arg(&root));
    let package = Image::package();
    checked(&package, fs::copy(&package, root.join("ec2-net-utils.deb")).map(drop));
    let mut dpkg = Command::new("chroot");
    dpkg.arg(&root).args(["dpkg", "--install", "/ec2-net-utils.deb"]);
    run(dpkg.env("DEBIAN_FRONTEND", "noninteractive").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"));
    root
}

#[track_caller]
fn fresh(directory: &Path) {
    if directory.exists() {
        checked(directory, fs::remove_dir_all(directory));
    }
    checked(directory, fs::create_dir_all(directory));
}

#[track_caller]
fn checked(path: &Path, result: std::io::Result<()>) {
    if let Err(error) = result {
        panic!("can not make `{}`: {error}", path.display());
    }
}

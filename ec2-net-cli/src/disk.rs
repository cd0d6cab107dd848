//! The files under both roots, and the writing of them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use networkd_config::InterfaceName;

use crate::base::Base;
use crate::claim::Claims;
use crate::context::Context;
use crate::crawl::Crawl;
use crate::decision::{Observed, gone};
use crate::error::Error;
use crate::kernel::Kernel;
use crate::link::Link;
use crate::record::{Record, Wanted};
use crate::tree::{self, Files, Tree};

/// The files on disk.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    pub(crate) truth: Tree,
    pub(crate) copies: Tree,
}

impl Disk {
    pub(crate) fn read(context: &Context) -> Result<Self, Error> {
        let read = |directory: PathBuf| {
            let doing = format!("cannot read `{}`", directory.display());
            Tree::read(directory).map_err(|error| Error::while_doing(doing, error))
        };
        Ok(Self { truth: read(context.paths.truth())?, copies: read(context.paths.copies())? })
    }

    /// Reads the files with the lock held, and clears what killed runs have left.
    pub(crate) fn open(context: &Context) -> Result<Self, Error> {
        let disk = Self::read(context)?;
        let run = context.paths.run();
        (disk.truth.sweep().and_then(|()| disk.copies.sweep()).and_then(|()| tree::sweep(&run)))
            .map_err(|error| Error::while_doing("cannot clear what a killed run has left", error))?;
        Ok(disk)
    }

    /// What a decision about some links depends on.
    pub(crate) fn observed<'a>(
        &'a self,
        links: &'a [Link],
        crawl: &'a Crawl,
        kernel: &'a Kernel,
        base: &'a Base,
        claims: &'a Claims,
    ) -> Observed<'a> {
        Observed { links, crawl, truth: &self.truth, copies: &self.copies, kernel, base, claims }
    }

    /// The files without those of some links.
    pub(crate) fn without(&self, links: &BTreeSet<InterfaceName>) -> Self {
        let mut known = self.clone();
        known.truth.links.retain(|interface, _| !links.contains(interface));
        known.copies.links.retain(|interface, _| !links.contains(interface));
        known
    }

    /// The links of ENIs that are gone, in either tree.
    pub(crate) fn gone(&self, links: &[Link]) -> BTreeSet<InterfaceName> {
        gone(&self.truth, links).into_iter().chain(gone(&self.copies, links)).collect()
    }

    /// What the truth says of one link.
    pub(crate) fn recorded(&self, interface: &InterfaceName) -> Wanted {
        self.record(interface).map(|record| record.wanted).unwrap_or_default()
    }

    /// The truth about one link.
    pub(crate) fn record(&self, interface: &InterfaceName) -> Option<Record> {
        Record::read(interface, self.truth.files(interface)).ok().flatten()
    }

    /// Makes the truth about one link what it should be.
    pub(crate) fn write_truth(&mut self, interface: &InterfaceName, files: Files) -> Result<(), Error> {
        write(&mut self.truth, interface, files)
    }

    /// Removes all files of one link, the record of what is owned last.
    pub(crate) fn remove(&mut self, interface: &InterfaceName) -> Result<(), Error> {
        self.write_copies(interface, Files::new())?;
        self.write_truth(interface, Files::new())
    }

    /// Makes the links among the copies what they should be, while the text stays as networkd has read it.
    ///
    /// They lead to the administrator's files, which count from the next reload on that somebody asks for, as they
    /// would without us.
    pub(crate) fn follow_links(&mut self, interface: &InterfaceName, files: &Files) -> Result<(), Error> {
        let files = tree::with_links_of(self.copies.files(interface), files);
        self.write_copies(interface, files)
    }

    /// Makes the copies that networkd reads of one link what they should be.
    pub(crate) fn write_copies(&mut self, interface: &InterfaceName, files: Files) -> Result<(), Error> {
        write(&mut self.copies, interface, files)
    }
}

fn write(tree: &mut Tree, interface: &InterfaceName, files: Files) -> Result<(), Error> {
    tree.write(interface, files).map_err(|error| {
        let directory = tree.directory.display();
        Error::while_doing(format!("cannot write the files of `{interface}` in `{directory}`"), error)
    })
}

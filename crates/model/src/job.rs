//! The phases of a job before and after its loop.
//!
//! ```text
//! submit ─ provision storage ─ starting ─ downloading ─ image pull ─ framework start ─ walk ─ loop ─ uploading ─ done
//! ```
//!
//! Provisioning and starting are not billed as compute (an EC2 instance bills its start); the rest is. A File-mode
//! download overlaps the image pull, so only what the download does not hide of the pull is left.

use ingestsim_des::draw::{QuantileTable, Stream};
use ingestsim_units::Span;

/// What the phases of every trial are drawn from.
#[derive(Debug, Clone)]
pub struct Phases {
    /// Creating storage, once for the job.
    pub provisioning: Provisioning,
    /// Instances starting.
    pub starting: QuantileTable,
    /// Whether starting is billed.
    pub starting_billed: bool,
    /// File: the copy; FastFile: the listing; file systems: the mount.
    pub downloading: Span,
    /// Whether the image is pulled while the data is downloaded.
    pub download_hides_image_pull: bool,
    /// Pulling the image.
    pub image_pull: QuantileTable,
    /// Starting the framework.
    pub framework_start: QuantileTable,
    /// The program's walk over its files.
    pub walk: Span,
    /// Uploading results.
    pub uploading: QuantileTable,
}

/// Creating storage within the job.
#[derive(Debug, Clone, Copy, Default)]
pub struct Provisioning {
    /// Until the storage is there.
    pub creation: Span,
    /// Until it knows every file of the data set.
    pub metadata_import: Span,
    /// Until every file has been restored.
    pub one_time_load: Span,
    /// Requests to S3 for it all: listings of the import, files of the load.
    pub lists: u64,
    /// The same for GETs.
    pub gets: u64,
}

impl Provisioning {
    /// All of it, one after the other.
    #[must_use]
    pub fn total(&self) -> Span {
        self.creation + self.metadata_import + self.one_time_load
    }
}

/// The phases of one trial.
#[derive(Debug, Clone, Copy, Default)]
pub struct PhaseTimes {
    /// Creating storage.
    pub provisioning: Span,
    /// Instances starting.
    pub starting: Span,
    /// Whether starting is billed.
    pub starting_billed: bool,
    /// Copy, listing or mount.
    pub downloading: Span,
    /// What is left of the image pull.
    pub image_pull: Span,
    /// Starting the framework.
    pub framework_start: Span,
    /// The walk over the files.
    pub walk: Span,
    /// Uploading results.
    pub uploading: Span,
}

impl Phases {
    /// The phases of trial number `trial`; `first` trials wait for the storage.
    #[must_use]
    pub fn times(&self, luck: Stream, trial: u32, first: bool) -> PhaseTimes {
        let draw = |table: &QuantileTable, phase| table.span(luck.at(u64::from(trial), phase));
        let pull = draw(&self.image_pull, 1);
        let hidden = if self.download_hides_image_pull { self.downloading } else { Span::ZERO };
        PhaseTimes {
            provisioning: if first { self.provisioning.total() } else { Span::ZERO },
            starting: draw(&self.starting, 0),
            starting_billed: self.starting_billed,
            downloading: self.downloading,
            image_pull: pull.saturating_sub(hidden),
            framework_start: draw(&self.framework_start, 2),
            walk: self.walk,
            uploading: draw(&self.uploading, 3),
        }
    }
}

impl PhaseTimes {
    /// From submission to the start of the loop.
    #[must_use]
    pub fn before_loop(&self) -> Span {
        self.provisioning + self.starting + self.downloading + self.training_stage_before_loop()
    }

    /// From submission to the first billed second.
    #[must_use]
    pub fn unbilled(&self) -> Span {
        self.provisioning + if self.starting_billed { Span::ZERO } else { self.starting }
    }

    /// The part of the training stage before the loop.
    #[must_use]
    pub fn training_stage_before_loop(&self) -> Span {
        self.image_pull + self.framework_start + self.walk
    }
}

#[cfg(test)]
mod tests {
    use ingestsim_des::draw::{Distribution, Draws};

    use super::*;

    fn seconds(seconds: f64) -> QuantileTable {
        QuantileTable::new(&Distribution::Fixed(seconds * 1e9)).expect("a fixed span is a distribution")
    }

    fn phases(download: u64, hides: bool) -> Phases {
        Phases {
            provisioning: Provisioning { creation: Span::from_secs(300), ..Provisioning::default() },
            starting: seconds(116.0),
            starting_billed: false,
            downloading: Span::from_secs(download),
            download_hides_image_pull: hides,
            image_pull: seconds(169.0),
            framework_start: seconds(41.0),
            walk: Span::ZERO,
            uploading: seconds(5.5),
        }
    }

    /// A download of 22 s hides 22 s of the 169 s pull; one of 255 s hides all of it; a mount of 12 s hides nothing.
    #[test]
    fn a_download_hides_the_image_pull_as_far_as_it_lasts() {
        let luck = Draws::new(1, 0).of("phases");
        let pull = |download, hides| phases(download, hides).times(luck, 0, true).image_pull;
        assert_eq!(pull(22, true), Span::from_secs(147));
        assert_eq!(pull(255, true), Span::ZERO);
        assert_eq!(pull(12, false), Span::from_secs(169));
    }

    /// 300 + 116 + 22 + 147 + 41 s until the loop, of which 416 s are not billed; later trials find the storage there.
    #[test]
    fn phases_add_up() {
        let times = phases(22, true).times(Draws::new(1, 0).of("phases"), 0, true);
        assert_eq!(times.before_loop(), Span::from_secs(626));
        assert_eq!(times.unbilled(), Span::from_secs(416));
        assert_eq!(phases(22, true).times(Draws::new(1, 0).of("phases"), 1, false).provisioning, Span::ZERO);
    }
}

//! Files that are restored from S3 before they can be read.

use super::{World, reader::Stage};
use crate::tier::{Origin, lazy_restore::Need};

impl World<'_> {
    /// A read that was admitted goes on, if its file need not be restored first.
    pub(super) fn ask_for_restore(&mut self, reader: u32) {
        let file = self.file_of(reader);
        let chance = self.cache_chance(reader, file);
        let need = self
            .restores
            .as_mut()
            .map_or(Need::Nothing, |restores| restores.ask(self.now, file, reader, chance));
        match need {
            Need::Nothing => self.begin_transfer(reader),
            Need::Restore => self.begin_restore(reader),
            Need::Wait => self.readers[reader as usize].stage = Stage::Restore,
        }
    }

    fn begin_restore(&mut self, reader: u32) {
        self.readers[reader as usize].stage = Stage::Restore;
        let spec = self.plan.path.restore.as_ref().expect("a file is restored where the tier restores");
        let latency = spec.latency.span(self.luck.restore.at(self.file_of(reader), 0));
        self.schedule_reader(reader, latency);
    }

    pub(super) fn begin_restore_transfer(&mut self, reader: u32) {
        let link = self.restore_link.expect("a tier that restores has a link to S3");
        let file = self.file_of(reader);
        self.network.start(link, self.now, 0, reader, self.sizes.file(file));
    }

    /// A file has come from S3: whoever waited for it reads it, and the next restore begins.
    pub(super) fn file_is_restored(&mut self, reader: u32) {
        let file = self.file_of(reader);
        self.keep_in_server_memory(file);
        self.tally.sums.restored += self.pace.factor;
        let restores = self.restores.as_mut().expect("a restored file belongs to a tier that restores");
        let next = restores.ended(self.now, file, |file| self.sizes.file(file));
        if let Some(next) = next {
            self.begin_restore(next);
        }
        self.account(reader);
        self.readers[reader as usize].origin = Origin::Memory;
        self.begin_transfer(reader);
        while let Some(waiting) = self.restores.as_mut().and_then(|restores| restores.next_waiting(file)) {
            self.account(waiting);
            self.readers[waiting as usize].origin = Origin::Memory;
            self.begin_transfer(waiting);
        }
    }
}

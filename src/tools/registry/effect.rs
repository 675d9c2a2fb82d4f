//! What a tool does to Make.

/// What a call does to Make; hints for hosts and the read-only filter follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Makes something new; asking twice makes two.
    Create,
    /// Changes something; asking twice is asking once.
    Update,
    /// Removes something.
    Delete,
    /// Changes nothing at Make and writes a file on this machine.
    Report,
}

/// What a write does to Make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// Makes something new; asking twice makes two.
    Create,
    /// Changes something; asking twice is asking once.
    Update,
    /// Removes something.
    Delete,
}

impl From<Write> for Effect {
    fn from(write: Write) -> Self {
        match write {
            Write::Create => Self::Create,
            Write::Update => Self::Update,
            Write::Delete => Self::Delete,
        }
    }
}

impl Effect {
    /// Whether nothing changes at Make.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Read | Self::Report)
    }

    /// `readOnlyHint`: nothing changes anywhere.
    pub fn is_read_only(self) -> bool {
        self == Self::Read
    }

    /// `destructiveHint`: something that was there is changed or removed.
    pub fn is_destructive(self) -> bool {
        matches!(self, Self::Update | Self::Delete)
    }

    /// `idempotentHint`: asking again changes nothing more.
    pub fn is_idempotent(self) -> bool {
        self != Self::Create
    }
}

//! What can be wrong with a credential or a sign-in.

/// Why a login cannot be stored, read or removed, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LoginError(pub(crate) String);

/// Why a text is not a token, as the end of a sentence. It never holds the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TokenTextError(pub(crate) String);

/// Why a sign-in did not come to its end, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SignInError(pub(crate) String);

/// Why a text does not name a program, as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CommandError(pub(crate) String);

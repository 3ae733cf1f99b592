//! The stage on which scenarios are played.

pub(crate) mod asana;
pub(crate) mod backup;
pub(crate) mod bot;
pub(crate) mod crowd;
pub(crate) mod dialogs;
pub(crate) mod home;
pub(crate) mod house;
pub(crate) mod log;
pub(crate) mod node;
pub(crate) mod postgres;
pub(crate) mod queues;
pub(crate) mod record;
pub(crate) mod triage;
pub(crate) mod venv;

/// Writes each scenario once and runs it on both database engines.
macro_rules! scenarios {
    ($($(#[$attribute:meta])* async fn $name:ident($house:ident: House) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$attribute])*
            async fn play(#[allow(unused_mut)] mut $house: $crate::support::house::House) $body

            #[tokio::test]
            async fn on_sqlite() {
                play($crate::support::house::House::on_sqlite().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                let Some(house) = $crate::support::house::House::on_postgres().await else { return };
                play(house).await;
            }
        }
    )*};
}

pub(crate) use scenarios;

/// Waits until something has come true, which must be soon.
pub(crate) async fn eventually(is_true: impl Fn() -> bool) {
    let wait = async {
        while !is_true() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), wait).await.expect("it has not come true");
}

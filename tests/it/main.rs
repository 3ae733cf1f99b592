//! Temporary.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]
mod support {
    pub(crate) mod postgres;
}
#[tokio::test]
async fn each_call_gives_a_fresh_database() {
    let Some(one) = support::postgres::database().await else { return };
    let two = support::postgres::database().await.unwrap();
    assert_ne!(one, two);
    let pool = sqlx::PgPool::connect(&one).await.unwrap();
    sqlx::query("CREATE TABLE t (a INT)").execute(&pool).await.unwrap();
}

# syntax=docker/dockerfile:1
# The toolchain of rust-toolchain.toml, which stays outside: it would fetch clippy and rustfmt too.
FROM rust:1.95.0-slim-bookworm AS build
# The bundled SQLite and ring are C.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The caches live beside the image, so that a change of the source compiles the source alone.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin megatron && cp target/release/megatron /megatron
# The data folder of an image without a shell.
RUN mkdir /data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /megatron /usr/local/bin/megatron
COPY --from=build --chown=nonroot:nonroot /data /data
ENV MEGATRON_LISTEN=0.0.0.0:8080 \
    MEGATRON_DATABASE__URL=sqlite:///data/megatron.db
WORKDIR /data
VOLUME /data
EXPOSE 8080
USER nonroot
STOPSIGNAL SIGTERM
ENTRYPOINT ["megatron"]
CMD ["serve"]

# The operator as one static binary and the certificates of public authorities, and nothing else.
ARG RUST_VERSION=1.95

FROM docker.io/library/rust:${RUST_VERSION}-bookworm AS build
ARG REVISION=unknown
WORKDIR /src
COPY . .
# The static runtime is linked into the binary alone; build scripts and macros cannot do with it.
# Kernels of aarch64 have pages of 4, 16 or 64 KiB, and an allocator that is built for the largest works on all.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    if [ "$(uname -m)" = aarch64 ]; then export JEMALLOC_SYS_WITH_LG_PAGE=16; fi; \
    ENTRA_PIM_REVISION="${REVISION}" \
       cargo rustc --locked --release --package entra-pim-operator --bin entra-pim-operator -- -C target-feature=+crt-static \
    && install -D target/release/entra-pim-operator /out/entra-pim-operator \
    && install -D --mode=0644 /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ca-certificates.crt

FROM scratch
LABEL org.opencontainers.image.title="entra-pim-operator" \
      org.opencontainers.image.description="Keeps Entra ID groups, their PIM settings, roles and assignments in step with Kubernetes objects" \
      org.opencontainers.image.licenses="Apache-2.0"
# `--build-context build=DIRECTORY` puts a directory in place of the stage above.
COPY --from=build /out/ /
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["/entra-pim-operator"]

# docker/build-image makes target/image and then this image; `docker build` alone works once it has run.
ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE} AS base
COPY docker/rootfs /rootfs.sh
RUN sh /rootfs.sh /rootfs

FROM scratch
COPY --from=base /rootfs/system /
COPY --from=base --chown=1000:1000 /rootfs/own /
COPY target/image /opt/granary
ENV PATH=/opt/granary/bin:/bin LANG=C.UTF-8
WORKDIR /data
USER 1000:1000
VOLUME /data
EXPOSE 6379 16379
ENTRYPOINT ["/opt/granary/bin/entrypoint"]

# An image per service from one build: docker build --target gateway .
# Another service is two lines more at the end. Pin the base by digest with --build-arg NODE_IMAGE=node:24-slim@sha256:…
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages packages
COPY services services
COPY scripts scripts
COPY deploy deploy
# Node comes with the image and PostgreSQL is another container: the optional packages that bring both stay out. Types,
# source maps and manuals serve nobody in there.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
  && find node_modules -type f '(' -name '*.d.ts' -o -name '*.d.[cm]ts' -o -name '*.map' -o -name '*.md' ')' -delete \
  && sh deploy/image/make-root.sh /image >/packages.txt \
  && node scripts/sbom.ts --debian /packages.txt --out sbom.cdx.json \
  && mv /app /image/app

FROM scratch AS base
COPY --from=build /image /
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="b2b-charge-service" \
  org.opencontainers.image.description="Prepaid credit and phone top-up sales for telecom resellers" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
ENV PATH=/usr/local/bin NODE_ENV=production OPS_HOST=0.0.0.0 OPS_PORT=9100
USER 1000:1000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 \
  CMD ["node", "/app/deploy/image/healthy.mjs"]
CMD ["node", "--max-semi-space-size=16", "--max-old-space-size=512", "src/main.ts"]

FROM base AS ledger
WORKDIR /app/services/ledger
CMD ["node", "--max-semi-space-size=16", "--max-old-space-size=1024", "src/main.ts"]

FROM base AS credits
WORKDIR /app/services/credits

FROM base AS reconciler
WORKDIR /app/services/reconciler

FROM base AS webhooks
WORKDIR /app/services/webhooks

FROM base AS backoffice
WORKDIR /app/services/backoffice
ENV HOST=0.0.0.0 PORT=8010
EXPOSE 8010

FROM base AS gateway
WORKDIR /app/services/gateway
CMD ["node", "--max-semi-space-size=16", "--max-old-space-size=1024", "src/main.ts"]
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000

# Migrations, and the secrets of a trial run.
FROM base AS tools
WORKDIR /app
HEALTHCHECK NONE
CMD ["b2b", "--help"]

# One image per service from one build: docker build --target gateway .
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages packages
COPY services services
# Node comes with the image and PostgreSQL is another container: the optional packages that bring both stay out.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force

FROM node:24-slim AS base
ENV NODE_ENV=production OPS_HOST=0.0.0.0 OPS_PORT=9100 NODE_COMPILE_CACHE=/tmp/compile-cache
WORKDIR /app
COPY --from=build --chown=root:root /app /app
COPY scripts scripts
USER node
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=5 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.OPS_PORT+'/ready').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]

FROM base AS ledger
CMD ["node", "services/ledger/src/main.ts"]

FROM base AS credits
CMD ["node", "services/credits/src/main.ts"]

FROM base AS reconciler
CMD ["node", "services/reconciler/src/main.ts"]

FROM base AS gateway
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
CMD ["node", "services/gateway/src/main.ts"]

FROM base AS tools
HEALTHCHECK NONE
CMD ["node", "scripts/migrate-cli.ts", "--help"]

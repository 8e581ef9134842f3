# The image of `ragfood serve` and of every other command; docs/deployment.md describes it.
# A line of Node.js that still gets security fixes: the suite runs on 20, 22, 24 and 26.
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json bundle.js ./
COPY src ./src
COPY web ./web
RUN npm run build && chmod +x dist/cli/main.js
# Users install the client of Chroma beside ragfood. The image has it, in the version of the lock file, without the
# server that comes with it.
RUN npm pkg set --json "dependencies.chromadb=$(npm pkg get devDependencies.chromadb)" \
  && npm pkg delete devDependencies.chromadb peerDependencies.chromadb \
  && npm install --ignore-scripts --omit=dev --omit=optional

FROM node:${NODE_VERSION}-bookworm-slim
ENV NODE_ENV=production
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
COPY package.json LICENSE /app/
COPY data /app/data
RUN ln -s /app/dist/cli/main.js /usr/local/bin/ragfood && mkdir /data && chown node:node /data
USER node
# `.ragfood`, `backups` and a `.env` are looked for in the working directory.
WORKDIR /data
VOLUME /data
EXPOSE 8080
# The process listens once the store is ready, so its first answer means that it can serve.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["ragfood"]
CMD ["serve", "--host", "0.0.0.0"]

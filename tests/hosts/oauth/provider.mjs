// A certified OpenID provider and a small Make behind it, on loopback: node provider.mjs NODE_MODULES
//
// PKCE is required, refresh tokens rotate and reuse is detected. The person at the provider agrees to everything unless
// told otherwise. Prints one line of JSON with both addresses, then serves until its stdin ends.

import { createRequire } from "node:module";
import http from "node:http";
import { pathToFileURL } from "node:url";

const modules = process.argv[2];
const require = createRequire(pathToFileURL(`${modules}/x.js`));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const listen = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));

const own = http.createServer();
const issuer = `http://127.0.0.1:${await listen(own)}`;
const scopes = ["user:read", "user:write", "organizations:read", "organizations:write", "teams:read", "teams:write"];
const settings = { lifetime: 300, agrees: true, without: null, down: false };
const seen = { refreshes: 0, reused: 0, revoked: 0, exchanges: 0, asked: 0 };

const client = (client_id, more) => ({
  client_id,
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback"],
  response_types: ["code"],
  grant_types: ["authorization_code", "refresh_token"],
  ...more,
});
const provider = new Provider(issuer, {
  clients: [
    client("confidential", { client_secret: "s3cret/with+signs", token_endpoint_auth_method: "client_secret_post" }),
    client("header", { client_secret: "s3cret/with+signs", token_endpoint_auth_method: "client_secret_basic" }),
    client("public", { token_endpoint_auth_method: "none", grant_types: ["authorization_code"] }),
  ],
  scopes: ["openid", ...scopes],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_, client) => client.grantTypeAllowed("refresh_token"),
  features: { devInteractions: { enabled: false }, revocation: { enabled: true }, introspection: { enabled: true } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: () => settings.lifetime, AuthorizationCode: 60, RefreshToken: 3600, Grant: 3600, IdToken: 300, Interaction: 300, Session: 300 },
  findAccount: async (_, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
  // A page of its own would load fonts.
  renderError: (ctx, out) => { ctx.body = JSON.stringify(out); },
});
provider.on("grant.success", (ctx) => {
  if (ctx.oidc.params.grant_type === "refresh_token") seen.refreshes += 1;
  else seen.exchanges += 1;
});
provider.on("grant.error", (_, error) => {
  if (/already used/.test(error.error_detail ?? "")) seen.reused += 1;
});
provider.on("refresh_token.destroyed", () => { seen.revoked += 1; });

const answer = provider.callback();
own.on("request", async (request, response) => {
  if (settings.down && request.url === "/token") {
    response.writeHead(503).end("busy");
    return;
  }
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (!settings.agrees) {
    const refusal = { error: "access_denied", error_description: "the person said no" };
    return provider.interactionFinished(request, response, refusal);
  }
  if (prompt.name === "login") {
    return provider.interactionFinished(request, response, { login: { accountId: "41" } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const grantId = await grant.save();
  return provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
});

// A Make that knows the tokens of the provider, and is told what to do under /control.
const make = http.createServer(async (request, response) => {
  const send = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const url = new URL(request.url, "http://127.0.0.1");
  if (url.pathname === "/control") {
    for (const [name, value] of url.searchParams) settings[name] = JSON.parse(value);
    return send(200, seen);
  }
  seen.asked += 1;
  const [scheme, value] = (request.headers.authorization ?? "").split(" ");
  const token = scheme === "Bearer" ? await provider.AccessToken.find(value) : undefined;
  if (!token || token.isExpired || value === settings.without) {
    return send(401, { detail: "Access denied.", code: "SC401" });
  }
  switch (`${request.method} ${url.pathname}`) {
    case "GET /api/v2/users/me":
      return send(200, { authUser: { id: 41, name: "Dana Rivers", email: "dana@example.com" } });
    case "GET /api/v2/users/me/current-authorization":
      return send(200, { authorization: { authUsed: "oauth", scope: token.scope.split(" ") } });
    case "GET /api/v2/organizations":
      return send(200, { organizations: [{ id: 11, name: "Acme" }], pg: { offset: 0, limit: 50 } });
    case "POST /api/v2/organizations/11/invite":
      return send(200, { ok: true });
    default:
      return send(404, { detail: "Not found.", code: "SC404" });
  }
});
const base = `http://127.0.0.1:${await listen(make)}/api/v2`;

console.log(JSON.stringify({ issuer, base, control: base.replace("/api/v2", "/control") }));
process.stdin.resume().on("end", () => process.exit(0));

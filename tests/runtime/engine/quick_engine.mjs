// Stands in for the engine where its own start of some ten seconds would prove nothing: the same bridge, the same tools,
// the same order and envelope, but no more of OpenClaw than the loop. `ENGINE_COMMAND = node THIS`.
import fs from "node:fs";

const argument = (name) => process.argv[process.argv.indexOf(name) + 1];
const config = JSON.parse(fs.readFileSync(argument("--config"), "utf8"));
const prompt = fs.readFileSync(argument("--message-file"), "utf8");
const provider = config.models.providers.claude;
const server = config.mcp.servers.backoffice;
const system = ["AGENTS.md", "SOUL.md", "IDENTITY.md"].map((name) => fs.readFileSync(name, "utf8")).join("\n\n");

const post = async (url, headers, body) => {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`HTTP ${answer.status}: ${text}`);
  return text ? JSON.parse(text) : {};
};

let number = 0;
const mcp = async (method, params) => {
  const headers = { authorization: `Bearer ${process.env.MCP_TOKEN}`, accept: "application/json, text/event-stream" };
  const notice = method.startsWith("notifications/");
  const said = await post(server.url, headers, { jsonrpc: "2.0", method, params, ...(notice ? {} : { id: ++number }) });
  if (said.error) throw new Error(said.error.message);
  return said.result;
};

const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
const summary = { calls: 0, failures: 0, tools: [] };

const ask = async (tools, messages) => {
  const headers = { "x-api-key": process.env.BRIDGE_TOKEN, "anthropic-version": "2023-06-01" };
  const body = { model: provider.models[0].id, max_tokens: 4096, system, tools, messages };
  const answer = await post(`${provider.baseUrl}/v1/messages`, headers, body);
  usage.input += answer.usage.input_tokens;
  usage.output += answer.usage.output_tokens;
  usage.cacheRead += answer.usage.cache_read_input_tokens;
  usage.cacheWrite += answer.usage.cache_creation_input_tokens;
  return answer;
};

const call = async (use, offered) => {
  summary.calls += 1;
  if (!summary.tools.includes(use.name)) summary.tools.push(use.name);
  const result = offered.has(use.name)
    ? await mcp("tools/call", { name: use.name.split("__")[1], arguments: use.input })
    : { content: [{ type: "text", text: `Tool ${use.name} not found` }], isError: true };
  if (result.isError) summary.failures += 1;
  return { type: "tool_result", tool_use_id: use.id, content: result.content, is_error: Boolean(result.isError) };
};

const work = async () => {
  await mcp("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "quick-engine", version: "1" },
  });
  await mcp("notifications/initialized", {});
  const listed = (await mcp("tools/list", {})).tools;
  const tools = listed.map((tool) => ({
    name: `backoffice__${tool.name}`,
    description: tool.description,
    input_schema: tool.inputSchema,
  }));
  const offered = new Set(tools.map((tool) => tool.name));
  const messages = [{ role: "user", content: prompt }];
  for (;;) {
    const answer = await ask(tools, messages);
    const uses = answer.content.filter((block) => block.type === "tool_use");
    const text = answer.content.filter((block) => block.type === "text").map((block) => block.text).join("\n");
    if (!uses.length) return text;
    const results = [];
    for (const use of uses) results.push(await call(use, offered));
    messages.push({ role: "assistant", content: answer.content }, { role: "user", content: results });
  }
};

try {
  const final = await work();
  process.stdout.write(JSON.stringify({ ok: true, status: "ok", final, usage, toolSummary: summary }));
} catch (error) {
  process.stdout.write(JSON.stringify({ ok: false, status: "error", error: { kind: "error", message: error.message } }));
  process.exitCode = 1;
}

import { test } from "node:test";

import { stage } from "../stage.js";

test("of two agents one picks a customer, and the other sees it and is told who handles them", async (test) => {
  const { visit } = await stage(test);
  const [jane, raj] = [await visit(), await visit("?agent=U0RAJ")];
  await jane.write(jane.customer, "I want to talk to a human");
  for (const viewer of [jane, raj]) await viewer.goTo("helpdesk");
  await jane.reads(jane.agent, "Megatron", "Phil");
  await raj.reads(raj.agent, "Megatron", "Phil");
  await jane.agent.getByRole("button", { name: "Pick" }).first().click();
  await raj.reads(raj.agent, "Megatron", "Processing by Jane");

  await raj.write(raj.agent, "/megatron open phil");
  await raj.goTo(/^cs-phil/);
  await raj.write(raj.agent, "Hi Phil, Raj here.");
  await raj.reads(raj.agent, "Megatron", "Jane is handling Phil");
});

export default function (config) {
  config.addPassthroughCopy("content/css");
  config.addCollection("birds", (api) =>
    api.getFilteredByGlob("content/birds/*.md").sort((a, b) => a.data.title.localeCompare(b.data.title)),
  );
  // 62 -> "62 cm", [30, 35] -> "30–35 cm"
  config.addFilter("cm", (length) => `${[length].flat().join("–")} cm`);
}

export const config = {
  dir: { input: "content", output: "_site" },
  markdownTemplateEngine: "njk",
};

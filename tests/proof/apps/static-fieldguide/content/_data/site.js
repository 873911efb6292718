export default {
  title: "Birds of the Lower Marsh",
  url: (process.env.SITE_URL || "http://localhost:8080").replace(/\/$/, ""),
};

// Gives drawn messages the styles they carry in data-css. A strict page allows no style attributes, but it allows this.
export function dress(root) {
  for (const part of root.querySelectorAll("[data-css]")) {
    for (const rule of part.dataset.css.split(";")) {
      const at = rule.indexOf(":");
      part.style.setProperty(rule.slice(0, at), rule.slice(at + 1));
    }
  }
}

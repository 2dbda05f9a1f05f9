// Shows the password on request: a tablet's keyboard is easily mistyped on.
const reveal = document.getElementById("reveal");
const password = document.getElementById("password");
reveal.hidden = false;
reveal.addEventListener("click", () => {
  const shown = password.type === "text";
  password.type = shown ? "password" : "text";
  reveal.textContent = shown ? reveal.dataset.show : reveal.dataset.hide;
  reveal.setAttribute("aria-pressed", String(!shown));
  password.focus();
});
password.form.addEventListener("submit", () => {
  password.type = "password"; // so that no browser offers to keep it as a text
});

// Unfold hides the page until Alpine has come, and a browser gives no focus to what is hidden.
document.addEventListener("alpine:initialized", () => document.querySelector("[autofocus]")?.focus());

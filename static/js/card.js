// The card's field is a frame of Stripe's: what is typed there goes to Stripe alone. Where its script does not come, the page says so.
const form = document.querySelector("[data-card]");
const wrong = form.querySelector("[data-wrong]");

function say(words) {
  wrong.textContent = words;
  wrong.hidden = !words;
}

function offer(stripe) {
  const style = getComputedStyle(form);
  const card = stripe.elements({ locale: form.dataset.language }).create("card", {
    hidePostalCode: true,
    style: { base: { fontSize: "17px", color: style.color } },
  });
  card.mount(form.querySelector("[data-field]"));
  card.on("change", (event) => say(event.error?.message ?? ""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    say("");
    const answer = await stripe.confirmCardPayment(form.dataset.secret, { payment_method: { card } });
    if (answer.error) {
      say(answer.error.message);
      button.disabled = false;
    } else {
      location.assign(form.dataset.back);
    }
  });
}

form.hidden = false;
if (globalThis.Stripe) {
  offer(globalThis.Stripe(form.dataset.key));
} else {
  form.querySelector("button").disabled = true;
  say(form.dataset.lost);
}

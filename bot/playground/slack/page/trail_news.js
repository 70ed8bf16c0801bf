// What differs between two looks at an account.

/** Keys of what is new: "account" and "note TEXT", a trail's ARN and "ARN TEXT". A delivery's age is no news. */
export function newsOf(now, before) {
  if (!before) return new Set(["account"]);
  const [is, was] = [words(now), words(before)];
  const news = new Set([...is].filter((each) => !was.has(each)));
  for (const each of [...news, ...[...was].filter((word) => !is.has(word))]) news.add(whose(now, each));
  return news;
}

function words(account) {
  const ofTrail = (trail) => [...trail.facts, trail.delivery].map((each) => `${trail.arn} ${each.text}${each === trail.delivery && each.wrong ? "!" : ""}`);
  return new Set([...account.notes.map((each) => `note ${each.text}`), ...account.trails.flatMap(ofTrail)]);
}

/** The trail that it is about, or the account: of a trail that is gone too. */
const whose = (account, word) => account.trails.find((trail) => word.startsWith(`${trail.arn} `))?.arn ?? "account";

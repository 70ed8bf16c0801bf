"""The pretend AWS: moto, made strict, in this process on 127.0.0.1, seeded with an organization.

How: moto's server is a WSGI application that makes one Flask application a service. Ours is the same application,
with a few changes and nothing patched.

- For CloudTrail its handler is `responses.StrictCloudTrailResponse`, moto's response class over a backend of ours
  (`cloudtrail`, `trail`), a subclass of moto's that has the rules of `names`, `selectors`, `insights`; where a trail
  delivers is looked at by `delivery_access` (bucket), `trail_keys`, `trail_topics` and `trail_log_groups`.
- What moto lacks is answered by `own_answers`: `regions`, `events` (with `event_records`), `simulation`.
- In front of it stands `gate.Gate`. It knows the call that a request makes (`requests`, by moto's own routers),
  writes it down (`calls`), refuses what AWS would refuse (`permissions`, and each service's own `…_rules`) and does
  what a fault asks (`faults`). `switches` is how a scenario or a test asks.

We start werkzeug's server ourselves, as moto's ThreadedMotoServer does: that one binds its port in another thread,
where a failure goes unseen, and never closes its socket.

AWS replicates an organization trail to every member account; the playground only to those that the seed names, so
that one organization can show every state (`trail.StrictTrail.replicated_to`).

`docs/playground.md` has every rule with its test, what is our guess, and what is not played.
"""

from bot.playground.aws.calls import Call
from bot.playground.aws.seeding import bucket_policy, seed_organization
from bot.playground.aws.seeds import MANAGEMENT_ACCOUNT, SeededAccount, SeededOrganization, SeededTrail
from bot.playground.aws.server import RunningAws, start_aws

__all__ = [
    "MANAGEMENT_ACCOUNT",
    "Call",
    "RunningAws",
    "SeededAccount",
    "SeededOrganization",
    "SeededTrail",
    "bucket_policy",
    "seed_organization",
    "start_aws",
]

"""anchor: sign the heads of the ledger's chains now, and put them where the operator carries them away."""

from typing import Any

from django.core.management.base import BaseCommand

from relocation.jobs import anchoring
from relocation.safety import anchor


class Command(BaseCommand):
    help = "Make an anchor of the ledger now, send it away, and print the public key that checks it."

    def handle(self, *args: Any, **options: Any) -> None:
        made = anchoring.make()
        anchoring.ship()
        self.stdout.write(f"Anchor {made.number}: {made.entries} entries in {made.chains} chains.")
        self.stdout.write(str(anchoring.folder() / made.file_name))
        self.stdout.write(f"Public key: {anchor.public_key(anchoring.OWNER)}")

"""A vouch names for whom it is."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("relocation", "0007_approval_about")]

    operations = [
        migrations.AddField(
            model_name="vouch",
            name="about",
            field=models.UUIDField(default=uuid.uuid4, help_text="the account of the lead or verifier, or the row of the referrer"),
            preserve_default=False,
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("relocation", "0006_jobs_rest"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="approval",
            name="one_open_question",
        ),
        migrations.AlterField(
            model_name="approval",
            name="rests_on",
            field=models.BinaryField(help_text="keyed digest of everything that is approved"),
        ),
        migrations.AlterField(
            model_name="approval",
            name="session",
            field=models.BinaryField(help_text="digest of the asker's device"),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("given", None)),
                fields=("case", "what", "about", "by"),
                name="one_open_question",
                nulls_distinct=False,
            ),
        ),
    ]

"""The customer that an agent belongs to."""

from __future__ import annotations

import json
import os

import psycopg
from psycopg import sql

from tests.runtime.factories import make_environ

TABLES = (
    *("inbox_messages", "mailbox_state", "leads", "drafts", "briefs", "profiles", "model_usage"),
    "activities",
)


class AgentCustomer:
    """A provisioned customer as its agents' environment and as rows in its schema."""

    def __init__(self, customer, world):
        self.tenant = customer.tenant_hex
        self.email = customer.email
        self.world = world
        self.admin_url = world.environment()["DATABASE_ADMIN_URL"]
        self.aws_environ = self._aws_environ()
        self._secret_name = customer.secret_name
        self._secrets = world.aws.client("secretsmanager")

    def environ(self, **changes):
        """What a task of this customer gets; a change to None leaves the name out."""
        own = {
            "CUSTOMER_EMAIL": self.email,
            "DATABASE_PORT": str(self.world.ports.postgres),
            "MODEL_ENDPOINT": self.world.model.url,
            "AWS_REGION": self.world.environment()["AWS_REGION"],
        }
        return {"PATH": os.environ["PATH"], **self.aws_environ, **make_environ(self.tenant, **{**own, **changes})}

    def _aws_environ(self):
        arn = self.world.aws.client("iam").get_role(RoleName=f"t_{self.tenant}")["Role"]["Arn"]
        answer = self.world.aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="task")
        return {
            "AWS_ENDPOINT_URL": self.world.aws.url,
            "AWS_ACCESS_KEY_ID": answer["Credentials"]["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": answer["Credentials"]["SecretAccessKey"],
            "AWS_SESSION_TOKEN": answer["Credentials"]["SessionToken"],
        }

    def connect_gmail(self, secret):
        """Stores its Gmail secret, as the back office does."""
        text = json.dumps(secret)
        try:
            self._secrets.create_secret(Name=self._secret_name, SecretString=text)
        except self._secrets.exceptions.ResourceExistsException:
            self._secrets.put_secret_value(SecretId=self._secret_name, SecretString=text)

    def disconnect_gmail(self):
        """Takes its Gmail secret away for good."""
        self._secrets.delete_secret(SecretId=self._secret_name, ForceDeleteWithoutRecovery=True)

    def rows(self, table, columns="*"):
        """All rows, as the superuser sees them."""
        query = sql.SQL("SELECT {} FROM {} ORDER BY created_at, id").format(
            sql.SQL(columns), sql.Identifier(f"t_{self.tenant}", table)
        )
        with psycopg.connect(self.admin_url) as connection:
            return connection.execute(query).fetchall()

    def query(self, statement):
        """A statement's rows, as the superuser sees them."""
        with psycopg.connect(self.admin_url) as connection:
            return connection.execute(statement).fetchall()

    def execute(self, statement, values=()):
        """Runs a statement in its schema, as the superuser."""
        with psycopg.connect(self.admin_url, options=f"-c search_path=t_{self.tenant}") as connection:
            connection.execute(statement, values)

    def activities(self):
        """Triples of kind, data and role, in the order of their kinds."""
        return sorted(self.rows("activities", "kind, data, agent_role"), key=lambda row: row[0])

    def told(self, kind):
        """The one activity of that kind, as in `activities`."""
        (found,) = (row for row in self.activities() if row[0] == kind)
        return found

    def erase_rows(self):
        """Afterwards its schema is as new; waits for sessions that still write."""
        tables = [sql.Identifier(f"t_{self.tenant}", table) for table in TABLES]
        # Faster than TRUNCATE, which makes new files.
        statements = [sql.SQL("LOCK TABLE {}").format(sql.SQL(", ").join(tables))]
        statements += [sql.SQL("DELETE FROM {}").format(table) for table in tables]
        with psycopg.connect(self.admin_url) as connection:
            connection.execute(sql.SQL("; ").join(statements))

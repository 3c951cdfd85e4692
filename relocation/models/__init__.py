"""One module per noun."""

from relocation.models.account import Account, DutyShift, Office, Part, enrol_sweeps
from relocation.models.approval import Approval
from relocation.models.assessment import Corroboration, DuplicateCheck, RiskAssessment
from relocation.models.bar import Bar
from relocation.models.breakglass import BreakGlass
from relocation.models.case import Case, OnCase
from relocation.models.chain import BurnedChain
from relocation.models.consent import Consent
from relocation.models.document import TRAVEL_DOCUMENTS, BorderCheck, Document, DocumentKind, Scan, SchengenStay
from relocation.models.embassy import Application, ApplicationState, Checklist, Message, Post
from relocation.models.feed import Feed
from relocation.models.file_link import FileLink
from relocation.models.invitation import Invitation
from relocation.models.notice import Notice, Screen
from relocation.models.organisation import Household, Organisation
from relocation.models.outbox import Outbox
from relocation.models.paper import Paper, PaperSubject
from relocation.models.person import Channel, Claim, Identity, Pursuer, Referrer, Vouch, Whereabouts
from relocation.models.pursuit import PastAttempt, Vehicle
from relocation.models.referral_file import ReferralFile
from relocation.models.retention import Expiry, Keeping, RevokedPaper, Tombstone
from relocation.models.review import GrantReview
from relocation.models.stage import Risk, Stage, Standing
from relocation.models.transfer import Transfer
from relocation.models.watch import Alarm, AlarmContact, CheckInPlan, Deadline, SafetyCheck
from relocation.models.wave import Member, Turn, Wave, WaveStep
from relocation.safety.access import CaseGrant
from relocation.safety.actor import system_account
from relocation.safety.honey import Decoy, Honey
from relocation.safety.keys import WrappedKey
from relocation.safety.ledger import LedgerEntry
from relocation.safety.locks import Lock
from relocation.safety.session import Session
from relocation.safety.signals import Signal

__all__ = [
    "TRAVEL_DOCUMENTS",
    "Account",
    "Alarm",
    "AlarmContact",
    "Application",
    "ApplicationState",
    "Approval",
    "Bar",
    "BorderCheck",
    "BreakGlass",
    "BurnedChain",
    "Case",
    "CaseGrant",
    "Channel",
    "CheckInPlan",
    "Checklist",
    "Claim",
    "Consent",
    "Corroboration",
    "Deadline",
    "Decoy",
    "Document",
    "DocumentKind",
    "DuplicateCheck",
    "DutyShift",
    "Expiry",
    "Feed",
    "FileLink",
    "GrantReview",
    "Honey",
    "Household",
    "Identity",
    "Invitation",
    "Keeping",
    "LedgerEntry",
    "Lock",
    "Member",
    "Message",
    "Notice",
    "Office",
    "OnCase",
    "Organisation",
    "Outbox",
    "Paper",
    "PaperSubject",
    "Part",
    "PastAttempt",
    "Post",
    "Pursuer",
    "ReferralFile",
    "Referrer",
    "RevokedPaper",
    "Risk",
    "RiskAssessment",
    "SafetyCheck",
    "Scan",
    "SchengenStay",
    "Screen",
    "Session",
    "Signal",
    "Stage",
    "Standing",
    "Tombstone",
    "Transfer",
    "Turn",
    "Vehicle",
    "Vouch",
    "Wave",
    "WaveStep",
    "Whereabouts",
    "WrappedKey",
    "enrol_sweeps",
    "system_account",
]

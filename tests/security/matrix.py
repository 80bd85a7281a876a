"""Who may open what: every address of the program, and what each kind of person gets there.

Read a line as: this page, of this thing, answers these people so. Nobody needs to read code to check it.

200 a page · 303 done, go on elsewhere · 401 please sign in · 403 you may see it but not do this · 404 no such page
  · 409 somebody was quicker · 422 change something. A dash: this person can have no such thing.

The people, in the order of the columns:
  visitor     not signed in
  member      in the group, has agreed its rules
  facil       facilitator of the group
  moder       moderator of the group
  left        was a member, and left
  behind      a member who has not agreed the rules in force
  neighb      a member of another group of the same organisation
  outsid      a moderator, but of a group of another organisation

The things:
  -           the page is about nobody's thing
  ours        the group's: its address, its board, a conversation in it
  own         what this very person wrote (or waits for the team and is theirs, or is their device)
  theirs      what another member of the group wrote
  far         the same kind of thing in the neighbours' group

Who left and asks to join again gets a page (200) that says it is not possible yet.
A facilitator here has no second step, so what takes its code answers 403; tests/moderation/test_people.py has its twins.
A link with a role leads on whoever has it, and gives the role to members of its group alone.

A 404 must be, to the byte, the answer to an address that never existed. test_routes.py asks every line.
"""

from dataclasses import dataclass

ROLES = ("visitor", "member", "facil", "moder", "left", "behind", "neighb", "outsid")

TABLE = """
method  endpoint                           thing   visitor member facil moder left behind neighb outsid

GET     static                             -       200     200    200   200   200  200    200    200
GET     pages.healthz                      -       200     200    200   200   200  200    200    200
GET     pages.readyz                       -       200     200    200   200   200  200    200    200

GET     accounts.show_help                 -       200     200    200   200   200  200    200    200
GET     accounts.show_safe                 -       200     200    200   200   200  200    200    200
GET     accounts.show_privacy              -       200     200    200   200   200  200    200    200
GET     outward.show_leaving               -       200     200    200   200   200  200    200    200
GET     accounts.leave                     -       303     303    303   303   303  303    303    303
POST    accounts.choose_language           -       303     303    303   303   303  303    303    303
GET     accounts.sign_in                   -       200     200    200   200   200  200    200    200
POST    accounts.submit_sign_in            -       403     403    403   403   403  403    403    403
POST    accounts.sign_out                  -       401     303    303   303   303  303    303    303
GET     ways_back.show                     -       401     200    200   200   200  200    200    200
POST    ways_back.make_phrase              -       401     200    200   200   200  200    200    200
POST    ways_back.stop                     -       401     404    404   404   404  404    404    404
GET     ways_back.show_code                -       401     200    200   200   200  200    200    200
POST    ways_back.make_code                -       401     200    200   200   200  200    200    200
GET     ways_back.show_choose_name         -       401     200    200   200   200  200    200    200
POST    ways_back.choose_name              -       401     303    303   303   303  303    303    303
GET     accounts.show_devices              -       401     200    200   200   200  200    200    200
POST    accounts.name_device               -       401     303    303   303   303  303    303    303
POST    accounts.end_device                own     -       303    303   303   303  303    303    303
POST    accounts.end_device                theirs  401     404    404   404   404  404    404    404

GET     display.show                       -       200     200    200   200   200  200    200    200
POST    display.save                       -       303     303    303   303   303  303    303    303
GET     guide.show_index                   -       200     200    200   200   200  200    200    200
GET     guide.show_guide                   -       200     200    200   200   200  200    200    200
GET     guide.show_easy                    -       200     200    200   200   200  200    200    200
GET     guide.show_practice                -       200     200    200   200   200  200    200    200
POST    guide.try_practice                 -       200     200    200   200   200  200    200    200
GET     guide.show_using                   -       200     200    200   200   200  200    200    200
GET     guide.show_feedback                -       200     200    200   200   200  200    200    200
POST    guide.send_feedback                -       303     303    303   303   303  303    303    303
GET     guide.list_feedback                -       401     404    404   404   404  404    404    404
GET     guide.show_thanks                  -       200     200    200   200   200  200    200    200

GET     groups.show_home                   -       200     200    200   200   200  200    200    200
GET     groups.show_all                    -       200     200    200   200   200  200    200    200
GET     apart.explain                      ours    401     200    403   403   404  200    404    404
GET     apart.explain                      far     401     404    404   404   404  404    200    404
POST    apart.show_words                   ours    401     403    403   403   404  403    404    404
POST    apart.show_words                   far     401     404    404   404   404  404    403    404
POST    apart.keep_apart                   ours    401     403    403   403   404  403    404    404
POST    apart.keep_apart                   far     401     404    404   404   404  404    403    404
GET     apart.show_done                    -       401     200    200   200   200  200    200    200
GET     groups.show_names                  ours    200     200    200   200   200  200    200    200
GET     groups.offer_names                 ours    200     200    200   200   200  200    200    200
POST    groups.rename                      ours    401     303    303   303   404  303    404    404
POST    groups.rename                      far     401     404    404   404   404  404    303    404

GET     leaving.show_choices               ours    401     200    200   200   404  200    404    404
GET     leaving.show_choices               far     401     404    404   404   404  404    200    404
GET     leaving.ask_words                  ours    401     200    200   200   404  200    404    404
GET     leaving.ask_words                  far     401     404    404   404   404  404    200    404
GET     leaving.ask_leave                  ours    401     200    200   200   404  200    404    404
GET     leaving.ask_leave                  far     401     404    404   404   404  404    200    404
GET     leaving.show_kept                  ours    401     200    200   200   404  200    404    404
GET     leaving.show_kept                  far     401     404    404   404   404  404    200    404
GET     leaving.ask_known                  ours    401     200    200   200   404  200    404    404
GET     leaving.ask_known                  far     401     404    404   404   404  404    200    404
GET     copies.show                        ours    401     200    200   200   404  200    404    404
GET     copies.show                        far     401     404    404   404   404  404    200    404
POST    leaving.take_words_back            ours    401     303    303   303   404  303    404    404
POST    leaving.take_words_back            far     401     404    404   404   404  404    303    404
POST    leaving.leave_group                ours    401     303    403   303   404  303    404    404
POST    leaving.leave_group                far     401     404    404   404   404  404    303    404
POST    leaving.undo                       ours    401     404    404   404   404  404    404    404
POST    leaving.undo                       far     401     404    404   404   404  404    404    404
POST    leaving.hide_words                 ours    401     303    303   303   404  303    404    404
POST    leaving.hide_words                 far     401     404    404   404   404  404    303    404
GET     leaving.ask_fresh                  ours    401     200    403   403   404  200    404    404
GET     leaving.ask_fresh                  far     401     404    404   404   404  404    200    404
POST    leaving.begin_afresh               ours    401     422    403   403   404  422    404    404
POST    leaving.begin_afresh               far     401     404    404   404   404  404    422    404
POST    copies.ask                         ours    401     303    303   303   404  303    404    404
POST    copies.ask                         far     401     404    404   404   404  404    303    404
POST    copies.stop                        ours    401     303    303   303   404  303    404    404
POST    copies.stop                        far     401     404    404   404   404  404    303    404
GET     copies.take_page                   ours    401     404    404   404   404  404    404    404
GET     copies.take_page                   far     401     404    404   404   404  404    404    404
GET     copies.take_data                   ours    401     404    404   404   404  404    404    404
GET     copies.take_data                   far     401     404    404   404   404  404    404    404
GET     ending.show                        -       401     200    200   200   200  200    200    200
POST    ending.delete_account              -       401     200    403   200   200  200    200    200
POST    ending.take_up_again               -       401     404    404   404   404  404    404    404

GET     doors.show_entry                   -       200     200    200   200   200  200    200    200
GET     doors.show_code                    -       200     200    200   200   200  200    200    200
POST    doors.submit_entry                 -       403     403    403   403   403  403    403    403
GET     doors.show_door                    ours    401     404    200   200   404  404    404    404
GET     doors.show_door                    far     401     404    404   404   404  404    404    404
POST    doors.shut_door                    ours    401     404    303   303   404  404    404    404
POST    doors.shut_door                    far     401     404    404   404   404  404    404    404
POST    doors.set_door                     ours    401     404    200   403   404  404    404    404
POST    doors.set_door                     far     401     404    404   404   404  404    404    404
GET     doors.show_invitations             ours    401     404    200   403   404  404    404    404
GET     doors.show_invitations             far     401     404    404   404   404  404    404    404
POST    doors.make_invitation              ours    401     404    200   403   404  404    404    404
POST    doors.make_invitation              far     401     404    404   404   404  404    404    404
POST    doors.revoke_invitation            ours    401     404    404   403   404  404    404    404
POST    doors.revoke_invitation            far     401     404    404   404   404  404    404    404
POST    doors.withdraw_request             ours    401     404    404   404   404  404    404    404
POST    doors.withdraw_request             far     401     404    404   404   404  404    404    404
GET     people.show_people                 ours    401     404    200   403   404  404    404    404
GET     people.show_people                 far     401     404    404   404   404  404    404    404
GET     people.show_person                 ours    401     404    200   403   404  404    404    404
GET     people.show_person                 far     401     404    404   404   404  404    404    404
POST    people.let_in                      ours    401     404    303   403   404  404    404    404
POST    people.let_in                      far     401     404    404   404   404  404    404    404
POST    people.say_no                      ours    401     404    303   403   404  404    404    404
POST    people.say_no                      far     401     404    404   404   404  404    404    404
POST    people.end_role                    ours    401     404    403   403   404  404    404    404
POST    people.end_role                    far     401     404    404   404   404  404    404    404
POST    people.propose_removal             ours    401     404    303   403   404  404    404    404
POST    people.propose_removal             far     401     404    404   404   404  404    404    404
POST    people.decide_removal              ours    401     404    303   403   404  404    404    404
POST    people.decide_removal              far     401     404    404   404   404  404    404    404
GET     vouching.show_lost                 ours    401     404    200   403   404  404    404    404
GET     vouching.show_lost                 far     401     404    404   404   404  404    404    404
POST    vouching.vouch                     ours    401     404    422   403   404  404    404    404
POST    vouching.vouch                     far     401     404    404   404   404  404    404    404
GET     vouching.show_left                 ours    401     404    200   403   404  404    404    404
GET     vouching.show_left                 far     401     404    404   404   404  404    404    404
POST    vouching.withdraw                  ours    401     404    403   403   404  404    404    404
POST    vouching.withdraw                  far     401     404    404   404   404  404    404    404
POST    vouching.stop                      ours    401     404    303   403   404  404    404    404
POST    vouching.stop                      far     401     404    404   404   404  404    404    404
POST    groups.object_to                   ours    401     303    303   303   404  303    404    404
POST    groups.object_to                   far     401     404    404   404   404  404    303    404
POST    groups.put_away                    ours    401     303    303   303   404  303    404    404
POST    groups.put_away                    far     401     404    404   404   404  404    303    404
POST    people.make_link                   ours    401     404    403   403   404  404    404    404
POST    people.make_link                   far     401     404    404   404   404  404    404    404
GET     people.show_role_link              ours    200     200    200   200   200  200    200    200
GET     people.show_role_link              far     200     200    200   200   200  200    200    200
POST    people.come_in                     ours    303     303    303   303   303  303    303    303
POST    people.come_in                     far     303     303    303   303   303  303    303    303
POST    people.accept_role                 ours    404     303    403   303   404  303    404    404
POST    people.accept_role                 far     404     404    404   404   404  404    303    404
GET     people.show_removals               -       401     404    404   404   404  404    404    404
POST    people.decide_as_admin             -       401     404    404   404   404  404    404    404

GET     cards.show_examples                ours    200     200    200   200   200  200    200    200
GET     cards.show_inside                  ours    200     200    200   200   200  200    200    200
GET     cards.show_readers                 ours    200     200    200   200   200  200    200    200
GET     cards.show_paper                   ours    200     200    200   200   200  200    200    200
GET     cards.show_tour                    ours    401     200    200   200   404  200    404    404
GET     cards.show_tour                    far     401     404    404   404   404  404    200    404
GET     examples.show_list                 ours    401     404    200   403   404  404    404    404
GET     examples.show_list                 far     401     404    404   404   404  404    404    404
GET     examples.show_new                  ours    401     404    200   403   404  404    404    404
GET     examples.show_new                  far     401     404    404   404   404  404    404    404
POST    examples.add                       ours    401     404    303   403   404  404    404    404
POST    examples.add                       far     401     404    404   404   404  404    404    404
GET     examples.show_edit                 ours    401     404    200   403   404  404    404    404
GET     examples.show_edit                 far     401     404    404   404   404  404    404    404
POST    examples.save                      ours    401     404    303   403   404  404    404    404
POST    examples.save                      far     401     404    404   404   404  404    404    404
POST    examples.move                      ours    401     404    303   403   404  404    404    404
POST    examples.move                      far     401     404    404   404   404  404    404    404
GET     examples.ask_to_remove             ours    401     404    200   403   404  404    404    404
GET     examples.ask_to_remove             far     401     404    404   404   404  404    404    404
POST    examples.remove                    ours    401     404    303   403   404  404    404    404
POST    examples.remove                    far     401     404    404   404   404  404    404    404

GET     ground_rules.show_rules            ours    200     200    200   200   200  200    200    200
GET     ground_rules.begin                 ours    200     303    303   303   200  200    200    200
POST    ground_rules.pick_name             ours    200     200    200   200   200  200    200    200
POST    ground_rules.join                  ours    303     303    303   303   200  303    303    303
GET     agreeing.show                      ours    401     200    200   200   404  303    404    404
GET     agreeing.show                      far     401     404    404   404   404  404    200    404
POST    agreeing.agree                     ours    401     303    303   303   404  303    404    404
POST    agreeing.agree                     far     401     404    404   404   404  404    303    404
POST    agreeing.take_back                 ours    401     303    303   303   404  303    404    404
POST    agreeing.take_back                 far     401     404    404   404   404  404    303    404
GET     agreeing.show_agreed               ours    401     200    200   200   404  200    404    404
GET     agreeing.show_agreed               far     401     404    404   404   404  404    200    404

GET     contracting.show_all               ours    401     200    200   200   404  200    404    404
GET     contracting.show_all               far     401     404    404   404   404  404    200    404
GET     contracting.show_history           ours    401     200    200   200   404  200    404    404
GET     contracting.show_history           far     401     404    404   404   404  404    200    404
GET     contracting.show_form              ours    401     200    200   200   404  403    404    404
GET     contracting.show_form              far     401     404    404   404   404  404    200    404
POST    contracting.propose                ours    401     303    303   303   404  403    404    404
POST    contracting.propose                far     401     404    404   404   404  404    303    404
GET     contracting.show_safety            ours    401     404    200   403   404  404    404    404
GET     contracting.show_safety            far     401     404    404   404   404  404    404    404
POST    contracting.add_for_safety         ours    401     404    303   403   404  404    404    404
POST    contracting.add_for_safety         far     401     404    404   404   404  404    404    404
GET     contracting.show                   ours    401     200    200   200   404  200    404    404
GET     contracting.show                   far     401     404    404   404   404  404    200    404
POST    contracting.second                 ours    401     303    303   303   404  403    404    404
POST    contracting.second                 far     401     404    404   404   404  404    303    404
POST    contracting.say                    ours    401     303    303   303   404  403    404    404
POST    contracting.say                    far     401     404    404   404   404  404    303    404
POST    contracting.answer                 ours    401     403    422   403   404  403    404    404
POST    contracting.answer                 far     401     404    404   404   404  404    403    404
POST    contracting.call                   ours    401     403    303   403   404  403    404    404
POST    contracting.call                   far     401     404    404   404   404  404    403    404
POST    contracting.choose                 ours    401     303    303   303   404  303    404    404
POST    contracting.choose                 far     401     404    404   404   404  404    303    404
POST    contracting.give_up                ours    401     403    403   403   404  403    404    404
POST    contracting.give_up                far     401     404    404   404   404  404    403    404
GET     library.show                       ours    401     200    200   200   404  200    404    404
GET     library.show                       far     401     404    404   404   404  404    200    404
GET     library.show_offer                 ours    401     200    200   200   404  403    404    404
GET     library.show_offer                 far     401     404    404   404   404  404    200    404
POST    library.propose                    ours    401     303    303   303   404  403    404    404
POST    library.propose                    far     401     404    404   404   404  404    303    404

GET     staff.show_link                    ours    200     200    200   200   200  200    200    200
POST    staff.accept                       ours    303     303    303   303   303  303    303    303
GET     staff.show_code                    -       303     303    303   303   303  303    303    303
POST    staff.submit_code                  -       404     404    404   404   404  404    404    404
GET     staff.show_second_step             -       401     200    200   200   200  200    200    200
POST    staff.begin_second_step            -       401     303    303   303   303  303    303    303
GET     staff.show_new_secret              -       401     303    303   303   303  303    303    303
POST    staff.keep_second_step             -       401     404    404   404   404  404    404    404

GET     admin.show_admin                   -       401     404    404   404   404  404    404    404
GET     admin.show_new_organisation        -       401     404    404   404   404  404    404    404
POST    admin.make_organisation            -       401     404    404   404   404  404    404    404
GET     admin.show_new_group               -       401     404    404   404   404  404    404    404
POST    admin.make_group                   -       401     404    404   404   404  404    404    404
GET     floors.show                        ours    401     404    404   404   404  404    404    404
GET     floors.show                        far     401     404    404   404   404  404    404    404
POST    floors.save                        ours    401     404    404   404   404  404    404    404
POST    floors.save                        far     401     404    404   404   404  404    404    404
POST    admin.invite_facilitator           ours    401     404    404   404   404  404    404    404
POST    admin.invite_facilitator           far     401     404    404   404   404  404    404    404
POST    admin.end_sessions                 -       401     404    404   404   404  404    404    404

GET     setup.show_setup                   ours    401     404    200   200   404  404    404    404
GET     setup.show_setup                   far     401     404    404   404   404  404    404    404
GET     setup.show_step                    ours    401     404    200   403   404  404    404    404
GET     setup.show_step                    far     401     404    404   404   404  404    404    404
POST    setup.confirm_step                 ours    401     404    303   403   404  404    404    404
POST    setup.confirm_step                 far     401     404    404   404   404  404    404    404
POST    setup.open_group                   ours    401     404    403   403   404  404    404    404
POST    setup.open_group                   far     401     404    404   404   404  404    404    404
GET     setup.show_boards                  ours    401     404    200   403   404  404    404    404
GET     setup.show_boards                  far     401     404    404   404   404  404    404    404
GET     setup.show_new_board               ours    401     404    200   403   404  404    404    404
GET     setup.show_new_board               far     401     404    404   404   404  404    404    404
POST    setup.make_board                   ours    401     404    303   403   404  404    404    404
POST    setup.make_board                   far     401     404    404   404   404  404    404    404
GET     setup.show_board                   ours    401     404    200   403   404  404    404    404
GET     setup.show_board                   far     401     404    404   404   404  404    404    404
POST    setup.change_board                 ours    401     404    303   403   404  404    404    404
POST    setup.change_board                 far     401     404    404   404   404  404    404    404
POST    setup.move_board                   ours    401     404    303   403   404  404    404    404
POST    setup.move_board                   far     401     404    404   404   404  404    404    404
POST    setup.retire_board                 ours    401     404    303   403   404  404    404    404
POST    setup.retire_board                 far     401     404    404   404   404  404    404    404
GET     holding.show_holds                 ours    401     404    200   403   404  404    404    404
GET     holding.show_holds                 far     401     404    404   404   404  404    404    404
POST    holding.save_holds                 ours    401     404    303   403   404  404    404    404
POST    holding.save_holds                 far     401     404    404   404   404  404    404    404
GET     holding.show_brakes                ours    401     404    200   200   404  404    404    404
GET     holding.show_brakes                far     401     404    404   404   404  404    404    404
POST    holding.pull_brake                 ours    401     404    303   303   404  404    404    404
POST    holding.pull_brake                 far     401     404    404   404   404  404    404    404
GET     setup.show_settings                ours    401     404    200   403   404  404    404    404
GET     setup.show_settings                far     401     404    404   404   404  404    404    404
POST    setup.save_settings                ours    401     404    303   403   404  404    404    404
POST    setup.save_settings                far     401     404    404   404   404  404    404    404

GET     note_classes.show_notes            ours    401     404    200   403   404  404    404    404
GET     note_classes.show_notes            far     401     404    404   404   404  404    404    404
POST    note_classes.save_notes            ours    401     404    303   403   404  404    404    404
POST    note_classes.save_notes            far     401     404    404   404   404  404    404    404
GET     choosing.show_mine                 ours    401     200    200   200   404  200    404    404
GET     choosing.show_mine                 far     401     404    404   404   404  404    200    404
POST    choosing.prefer                    ours    401     303    303   303   404  303    404    404
POST    choosing.prefer                    far     401     404    404   404   404  404    303    404
POST    choosing.mute_word                 ours    401     303    303   303   404  303    404    404
POST    choosing.mute_word                 far     401     404    404   404   404  404    303    404
POST    choosing.unmute_word               ours    401     303    303   303   404  303    404    404
POST    choosing.unmute_word               far     401     404    404   404   404  404    303    404
POST    choosing.unblock                   ours    401     303    303   303   404  303    404    404
POST    choosing.unblock                   far     401     404    404   404   404  404    303    404

GET     transparency.show                  ours    401     404    404   404   404  404    404    404
GET     transparency.show                  far     401     404    404   404   404  404    404    404
GET     fading.show                        ours    401     200    200   200   404  200    404    404
GET     fading.show                        far     401     404    404   404   404  404    200    404
POST    fading.choose                      ours    401     422    422   422   404  422    404    404
POST    fading.choose                      far     401     404    404   404   404  404    422    404
GET     author.show_mine                   ours    401     200    200   200   404  200    404    404
GET     author.show_mine                   far     401     404    404   404   404  404    200    404
POST    author.save_mine                   ours    401     303    303   303   404  303    404    404
POST    author.save_mine                   far     401     404    404   404   404  404    303    404

GET     welcoming.show_unanswered          ours    401     404    200   200   404  404    404    404
GET     welcoming.show_unanswered          far     401     404    404   404   404  404    404    404
POST    welcoming.set_no_pause             ours    401     404    303   403   404  404    404    404
POST    welcoming.set_no_pause             far     401     404    404   404   404  404    404    404
POST    welcoming.set_welcomer             ours    401     404    303   403   404  404    404    404
POST    welcoming.set_welcomer             far     401     404    404   404   404  404    404    404

GET     conversations.show_group           ours    200     200    200   200   200  200    200    200
GET     conversations.show_group           far     200     200    200   200   200  200    200    200
GET     writing.choose_board               ours    401     303    303   303   404  303    404    404
GET     writing.choose_board               far     401     404    404   404   404  404    303    404
GET     conversations.show_board           ours    401     200    200   200   404  200    404    404
GET     conversations.show_board           far     401     404    404   404   404  404    200    404
GET     search.show_form                   ours    401     200    200   200   404  200    404    404
GET     search.show_form                   far     401     404    404   404   404  404    200    404
POST    search.find                        ours    401     200    200   200   404  200    404    404
POST    search.find                        far     401     404    404   404   404  404    200    404
GET     writing.write_topic                ours    401     200    200   200   404  200    404    404
GET     writing.write_topic                far     401     404    404   404   404  404    200    404
POST    writing.start_topic                ours    401     303    303   303   404  200    404    404
POST    writing.start_topic                far     401     404    404   404   404  404    303    404

GET     conversations.show_conversation    ours    401     200    200   200   404  200    404    404
GET     conversations.show_conversation    far     401     404    404   404   404  404    200    404
GET     polls.show_poll                    ours    401     200    200   200   404  200    404    404
GET     polls.show_poll                    far     401     404    404   404   404  404    200    404
POST    polls.start_poll                   ours    401     403    303   303   404  403    404    404
POST    polls.start_poll                   far     401     404    404   404   404  404    403    404
POST    polls.answer                       ours    401     303    303   303   404  403    404    404
POST    polls.answer                       far     401     404    404   404   404  404    303    404
GET     conversations.show_changes         ours    401     200    200   200   404  200    404    404
GET     conversations.show_changes         far     401     404    404   404   404  404    200    404
GET     writing.show_withdrawn             ours    401     200    200   200   404  200    404    404
GET     writing.show_withdrawn             far     401     404    404   404   404  404    200    404
POST    drafting.keep_reply                ours    401     303    303   303   404  303    404    404
POST    drafting.keep_reply                far     401     404    404   404   404  404    303    404
POST    drafting.keep_topic                ours    401     303    303   303   404  303    404    404
POST    drafting.keep_topic                far     401     404    404   404   404  404    303    404
POST    writing.submit_post                ours    401     303    303   303   404  200    404    404
POST    writing.submit_post                far     401     404    404   404   404  404    303    404
POST    conversations.mark_read            ours    401     303    303   303   404  303    404    404
POST    conversations.mark_read            far     401     404    404   404   404  404    303    404
POST    coming_back.mark_board_read        ours    401     200    200   200   404  200    404    404
POST    coming_back.mark_board_read        far     401     404    404   404   404  404    200    404
POST    coming_back.mark_board_unread      ours    401     303    303   303   404  303    404    404
POST    coming_back.mark_board_unread      far     401     404    404   404   404  404    303    404
GET     coming_back.show_news              ours    401     200    200   200   404  200    404    404
GET     coming_back.show_news              far     401     404    404   404   404  404    200    404
POST    coming_back.catch_up               ours    401     200    200   200   404  200    404    404
POST    coming_back.catch_up               far     401     404    404   404   404  404    200    404
POST    coming_back.undo_catch_up          ours    401     303    303   303   404  303    404    404
POST    coming_back.undo_catch_up          far     401     404    404   404   404  404    303    404
POST    coming_back.mark_unread            own     -       303    303   303   404  303    -      -
POST    coming_back.mark_unread            theirs  401     303    303   303   404  303    404    404
POST    coming_back.mark_unread            far     401     404    404   404   404  404    303    404

GET     following.show_follow              ours    401     200    200   200   404  200    404    404
GET     following.show_follow              far     401     404    404   404   404  404    200    404
POST    following.set_follow               ours    401     303    303   303   404  303    404    404
POST    following.set_follow               far     401     404    404   404   404  404    303    404
POST    following.set_bookmark             own     -       303    303   303   404  303    -      -
POST    following.set_bookmark             theirs  401     303    303   303   404  303    404    404
POST    following.set_bookmark             far     401     404    404   404   404  404    303    404
GET     notices.show_news                  -       401     200    200   200   200  200    200    200
POST    notices.mark_read                  ours    401     200    200   200   404  200    404    404
POST    notices.mark_read                  far     401     404    404   404   404  404    200    404
POST    notices.mark_unread                ours    401     303    303   303   404  303    404    404
POST    notices.mark_unread                far     401     404    404   404   404  404    303    404
GET     notices.show_times                 ours    401     200    200   200   404  200    404    404
GET     notices.show_times                 far     401     404    404   404   404  404    200    404
POST    notices.set_times                  ours    401     303    303   303   404  303    404    404
POST    notices.set_times                  far     401     404    404   404   404  404    303    404
GET     things.show_mine                   ours    401     200    200   200   404  200    404    404
GET     things.show_mine                   far     401     404    404   404   404  404    200    404
GET     things.show_words                  ours    401     200    200   200   404  200    404    404
GET     things.show_words                  far     401     404    404   404   404  404    200    404
POST    things.drop_follow                 ours    401     303    303   303   404  303    404    404
POST    things.drop_follow                 far     401     404    404   404   404  404    303    404
POST    things.drop_bookmark               ours    401     303    303   303   404  303    404    404
POST    things.drop_bookmark               far     401     404    404   404   404  404    303    404
GET     mail.show_mail                     ours    401     200    200   200   404  200    404    404
GET     mail.show_mail                     far     401     404    404   404   404  404    200    404
POST    mail.ask                           ours    401     422    422   422   404  422    404    404
POST    mail.ask                           far     401     404    404   404   404  404    422    404
POST    mail.confirm                       ours    401     303    303   303   404  303    404    404
POST    mail.confirm                       far     401     404    404   404   404  404    303    404
POST    mail.stop                          ours    401     303    303   303   404  303    404    404
POST    mail.stop                          far     401     404    404   404   404  404    303    404
GET     mail.show_stop                     -       200     200    200   200   200  200    200    200
POST    mail.stop_by_link                  -       200     200    200   200   200  200    200    200
GET     conversations.show_post            own     -       303    303   303   404  303    -      -
GET     conversations.show_post            theirs  401     303    303   303   404  303    404    404
GET     conversations.show_post            far     401     404    404   404   404  404    303    404
GET     conversations.show_sent            own     -       200    200   200   404  200    -      -
GET     conversations.show_sent            theirs  401     404    404   404   404  404    404    404
GET     waiting.show                       own     -       303    303   303   404  303    -      -
GET     waiting.show                       theirs  401     404    404   404   404  404    404    404
GET     waiting.show                       far     401     404    404   404   404  404    404    404
GET     conversations.show_more            own     -       200    200   200   404  200    -      -
GET     conversations.show_more            theirs  401     200    200   200   404  200    404    404
GET     conversations.show_more            far     401     404    404   404   404  404    200    404
POST    choosing.block_author              own     -       403    403   403   404  403    -      -
POST    choosing.block_author              theirs  401     303    303   303   404  303    404    404
POST    choosing.block_author              far     401     404    404   404   404  404    303    404
GET     choosing.show_once                 own     -       200    200   200   404  200    -      -
GET     choosing.show_once                 theirs  401     200    200   200   404  200    404    404
GET     choosing.show_once                 far     401     404    404   404   404  404    200    404
POST    reactions.react                    own     -       403    403   403   404  403    -      -
POST    reactions.react                    theirs  401     303    303   303   404  403    404    404
POST    reactions.react                    far     401     404    404   404   404  404    303    404
GET     author.show_author                 own     -       200    200   200   404  200    -      -
GET     author.show_author                 theirs  401     200    200   200   404  200    404    404
GET     author.show_author                 far     401     404    404   404   404  404    200    404
GET     choosing.show_notes                own     -       404    200   200   404  404    -      -
GET     choosing.show_notes                theirs  401     404    200   200   404  404    404    404
GET     choosing.show_notes                far     401     404    404   404   404  404    404    404
POST    choosing.set_notes                 own     -       404    303   303   404  404    -      -
POST    choosing.set_notes                 theirs  401     404    303   303   404  404    404    404
POST    choosing.set_notes                 far     401     404    404   404   404  404    404    404
GET     writing.show_edit                  own     -       200    200   200   404  403    -      -
GET     writing.show_edit                  theirs  401     403    403   403   404  403    404    404
POST    drafting.keep_change               own     -       303    303   303   404  403    -      -
POST    drafting.keep_change               theirs  401     403    403   403   404  403    404    404
POST    drafting.keep_change               far     401     404    404   404   404  404    403    404
POST    writing.edit_post                  own     -       303    303   303   404  200    -      -
POST    writing.edit_post                  theirs  401     403    403   403   404  403    404    404
POST    writing.edit_post                  far     401     404    404   404   404  404    403    404
POST    writing.ask_check_in               own     -       303    303   303   404  303    -      -
POST    writing.ask_check_in               theirs  401     404    404   404   404  404    404    404
POST    writing.ask_check_in               far     401     404    404   404   404  404    404    404
POST    writing.withdraw_post              own     -       303    303   303   404  303    -      -
POST    writing.withdraw_post              theirs  401     403    403   403   404  403    404    404
POST    writing.withdraw_post              far     401     404    404   404   404  404    403    404
POST    writing.erase_version              own     -       303    303   303   404  303    -      -
POST    writing.erase_version              theirs  401     404    404   404   404  404    404    404

GET     team.show_ask                      ours    401     200    200   200   404  200    404    404
GET     team.show_ask                      far     401     404    404   404   404  404    200    404
GET     team.show_help                     ours    303     200    200   200   404  200    404    404
GET     team.show_help                     far     303     404    404   404   404  404    200    404
POST    drafting.keep_question             ours    401     303    303   303   404  303    404    404
POST    drafting.keep_question             far     401     404    404   404   404  404    303    404
POST    drafting.keep_hidden_question      own     -       303    303   303   404  303    -      -
POST    drafting.keep_hidden_question      theirs  401     404    404   404   404  404    404    404
POST    drafting.keep_hidden_question      far     401     404    404   404   404  404    404    404
POST    drafting.keep_line                 own     -       303    303   303   404  303    -      -
POST    drafting.keep_line                 theirs  401     404    303   303   404  404    404    404
POST    drafting.keep_line                 far     401     404    404   404   404  404    404    404
POST    team.ask                           ours    401     303    303   303   404  303    404    404
POST    team.ask                           far     401     404    404   404   404  404    303    404
GET     team.show_ask_hidden               own     -       200    200   200   404  200    -      -
GET     team.show_ask_hidden               theirs  401     404    404   404   404  404    404    404
GET     team.show_ask_hidden               far     401     404    404   404   404  404    404    404
POST    team.ask_hidden                    own     -       303    303   303   404  303    -      -
POST    team.ask_hidden                    theirs  401     404    404   404   404  404    404    404
POST    team.ask_hidden                    far     401     404    404   404   404  404    404    404
GET     team.show_line                     own     -       200    200   200   404  200    -      -
GET     team.show_line                     theirs  401     404    200   200   404  404    404    404
GET     team.show_line                     far     401     404    404   404   404  404    404    404
POST    team.write                         own     -       303    303   303   404  303    -      -
POST    team.write                         theirs  401     404    303   303   404  404    404    404
POST    team.write                         far     401     404    404   404   404  404    404    404
POST    team.mark_read                     own     -       303    303   303   404  303    -      -
POST    team.mark_read                     theirs  401     404    303   303   404  404    404    404
POST    team.mark_read                     far     401     404    404   404   404  404    404    404
POST    team.mark_no_answer                own     -       404    404   404   404  404    -      -
POST    team.mark_no_answer                theirs  401     404    303   303   404  404    404    404
POST    team.mark_no_answer                far     401     404    404   404   404  404    404    404
GET     team.show_lines                    ours    401     404    200   200   404  404    404    404
GET     team.show_lines                    far     401     404    404   404   404  404    404    404
GET     team.show_messages                 -       401     200    200   200   200  200    200    200
GET     outside.show_report                own     -       200    200   200   404  200    -      -
GET     outside.show_report                theirs  401     404    404   404   404  404    404    404
GET     outside.show_report                far     401     404    404   404   404  404    404    404
POST    outside.report                     own     -       303    303   303   404  303    -      -
POST    outside.report                     theirs  401     404    404   404   404  404    404    404
POST    outside.report                     far     401     404    404   404   404  404    404    404
GET     outside.show_receipt               own     -       200    200   200   404  200    -      -
GET     outside.show_receipt               theirs  401     404    404   404   404  404    404    404
GET     outside.show_receipt               far     401     404    404   404   404  404    404    404

GET     outside.show_reports               -       401     404    404   404   404  404    404    404
GET     outside.show_reported              own     -       404    404   404   404  404    -      -
GET     outside.show_reported              far     401     404    404   404   404  404    404    404
POST    outside.mark_handled               own     -       404    404   404   404  404    -      -
POST    outside.mark_handled               far     401     404    404   404   404  404    404    404

GET     duty.show_duty                     ours    401     404    200   200   404  404    404    404
GET     duty.show_duty                     far     401     404    404   404   404  404    404    404
POST    duty.add_slot                      ours    401     404    303   403   404  404    404    404
POST    duty.add_slot                      far     401     404    404   404   404  404    404    404
GET     duty.show_slot                     ours    401     404    200   403   404  404    404    404
GET     duty.show_slot                     far     401     404    404   404   404  404    404    404
POST    duty.change_slot                   ours    401     404    303   403   404  404    404    404
POST    duty.change_slot                   far     401     404    404   404   404  404    404    404
POST    duty.set_other_day                 ours    401     404    303   403   404  404    404    404
POST    duty.set_other_day                 far     401     404    404   404   404  404    404    404
POST    duty.remove_other_day              ours    401     404    303   403   404  404    404    404
POST    duty.remove_other_day              far     401     404    404   404   404  404    404    404
POST    duty.ask_swap                      own     -       404    303   303   404  404    -      -
POST    duty.ask_swap                      theirs  401     404    403   403   404  404    404    404
POST    duty.ask_swap                      far     401     404    404   404   404  404    404    404
POST    duty.answer_swap                   own     -       404    303   303   404  404    -      -
POST    duty.answer_swap                   theirs  401     404    303   403   404  404    404    404
POST    duty.answer_swap                   far     401     404    404   404   404  404    404    404
GET     shifts.show_shift                  ours    401     404    200   200   404  404    404    404
GET     shifts.show_shift                  far     401     404    404   404   404  404    404    404
POST    shifts.act                         ours    401     404    303   303   404  404    404    404
POST    shifts.act                         far     401     404    404   404   404  404    404    404
GET     shifts.show_choices                ours    401     404    200   200   404  404    404    404
GET     shifts.show_choices                far     401     404    404   404   404  404    404    404
POST    shifts.choose                      ours    401     404    303   303   404  404    404    404
POST    shifts.choose                      far     401     404    404   404   404  404    404    404
POST    shifts.pass_on                     own     -       404    404   404   404  404    -      -
POST    shifts.pass_on                     theirs  401     404    303   303   404  404    404    404
POST    shifts.pass_on                     far     401     404    404   404   404  404    404    404
POST    shifts.say_weight                  own     -       404    404   404   404  404    -      -
POST    shifts.say_weight                  theirs  401     404    303   303   404  404    404    404
POST    shifts.say_weight                  far     401     404    404   404   404  404    404    404
GET     health.show_health                 ours    401     404    200   200   404  404    404    404
GET     health.show_health                 far     401     404    404   404   404  404    404    404
GET     health.show_outcomes               ours    401     404    200   200   404  404    404    404
GET     health.show_outcomes               far     401     404    404   404   404  404    404    404
GET     second_looks.show                  ours    401     404    200   200   404  404    404    404
GET     second_looks.show                  far     401     404    404   404   404  404    404    404
POST    second_looks.answer                ours    401     404    404   404   404  404    404    404
POST    second_looks.answer                far     401     404    404   404   404  404    404    404

GET     queue.show                         ours    401     404    200   200   404  404    404    404
GET     queue.show                         far     401     404    404   404   404  404    404    404
POST    queue.take_next                    ours    401     404    303   303   404  404    404    404
POST    queue.take_next                    far     401     404    404   404   404  404    404    404
GET     queue.show_old                     ours    401     404    301   301   404  404    404    404
GET     queue.show_old                     far     401     404    404   404   404  404    404    404
GET     items.show                         own     -       404    404   404   404  404    -      -
GET     items.show                         theirs  401     404    200   200   404  404    404    404
GET     items.show                         far     401     404    404   404   404  404    404    404
GET     items.show_old                     own     -       404    404   404   404  404    -      -
GET     items.show_old                     theirs  401     404    301   301   404  404    404    404
GET     items.show_old                     far     401     404    404   404   404  404    404    404
POST    items.claim                        own     -       404    404   404   404  404    -      -
POST    items.claim                        theirs  401     404    303   303   404  404    404    404
POST    items.claim                        far     401     404    404   404   404  404    404    404
POST    items.take_over                    own     -       404    404   404   404  404    -      -
POST    items.take_over                    theirs  401     404    303   303   404  404    404    404
POST    items.take_over                    far     401     404    404   404   404  404    404    404
POST    items.renew                        own     -       404    404   404   404  404    -      -
POST    items.renew                        theirs  401     404    409   409   404  404    404    404
POST    items.renew                        far     401     404    404   404   404  404    404    404
POST    case_notes.write                   own     -       404    404   404   404  404    -      -
POST    case_notes.write                   theirs  401     404    303   303   404  404    404    404
POST    case_notes.write                   far     401     404    404   404   404  404    404    404
POST    items.release                      own     -       404    404   404   404  404    -      -
POST    items.release                      theirs  401     404    303   303   404  404    404    404
POST    items.release                      far     401     404    404   404   404  404    404    404
POST    decisions.decide                   own     -       404    404   404   404  404    -      -
POST    decisions.decide                   theirs  401     404    303   303   404  404    404    404
POST    decisions.decide                   far     401     404    404   404   404  404    404    404
GET     moderation.show_post               own     -       404    200   200   404  404    -      -
GET     moderation.show_post               theirs  401     404    200   200   404  404    404    404
GET     moderation.show_post               far     401     404    404   404   404  404    404    404
GET     decisions.show_for_author          own     -       200    200   200   404  200    -      -
GET     decisions.show_for_author          theirs  401     404    404   404   404  404    404    404
GET     decisions.show_for_author          far     401     404    404   404   404  404    404    404
GET     decisions.show                     own     -       404    200   200   404  404    -      -
GET     decisions.show                     theirs  401     404    200   200   404  404    404    404
GET     decisions.show                     far     401     404    404   404   404  404    404    404
POST    decisions.revert                   own     -       404    403   403   404  404    -      -
POST    decisions.revert                   theirs  401     404    303   303   404  404    404    404
POST    decisions.revert                   far     401     404    404   404   404  404    404    404
POST    decisions.change                   own     -       404    404   404   404  404    -      -
POST    decisions.change                   theirs  401     404    200   200   404  404    404    404
POST    decisions.change                   far     401     404    404   404   404  404    404    404
GET     decisions.show_rule                ours    401     200    200   200   404  200    404    404
GET     decisions.show_rule                far     401     404    404   404   404  404    200    404
GET     together.show                      ours    401     404    200   200   404  404    404    404
GET     together.show                      far     401     404    404   404   404  404    404    404
POST    together.decide                    ours    401     404    422   422   404  404    404    404
POST    together.decide                    far     401     404    404   404   404  404    404    404
GET     together.show_restrict             own     -       404    200   200   404  404    -      -
GET     together.show_restrict             theirs  401     404    200   200   404  404    404    404
GET     together.show_restrict             far     401     404    404   404   404  404    404    404
POST    together.restrict                  own     -       404    403   403   404  404    -      -
POST    together.restrict                  theirs  401     404    303   409   404  404    404    404
POST    together.restrict                  far     401     404    404   404   404  404    404    404
POST    moderation.hide                    own     -       404    403   403   404  404    -      -
POST    moderation.hide                    theirs  401     404    303   303   404  404    404    404
POST    moderation.hide                    far     401     404    404   404   404  404    404    404
POST    moderation.change                  own     -       404    200   200   404  404    -      -
POST    moderation.change                  theirs  401     404    200   200   404  404    404    404
POST    moderation.change                  far     401     404    404   404   404  404    404    404
POST    moderation.restore                 own     -       404    403   403   404  404    -      -
POST    moderation.restore                 theirs  401     404    303   303   404  404    404    404
POST    moderation.restore                 far     401     404    404   404   404  404    404    404
POST    moderation.hold_author             own     -       404    403   403   404  404    -      -
POST    moderation.hold_author             theirs  401     404    303   303   404  404    404    404
POST    moderation.hold_author             far     401     404    404   404   404  404    404    404

GET     rounds.show                        ours    401     404    200   200   404  404    404    404
GET     rounds.show                        far     401     404    404   404   404  404    404    404
POST    rounds.take                        ours    401     404    303   303   404  404    404    404
POST    rounds.take                        far     401     404    404   404   404  404    404    404
POST    rounds.mark_read                   ours    401     404    303   303   404  404    404    404
POST    rounds.mark_read                   far     401     404    404   404   404  404    404    404
POST    rounds.mark_left_read              ours    401     404    303   303   404  404    404    404
POST    rounds.mark_left_read              far     401     404    404   404   404  404    404    404

GET     appeals.show_appeal                own     -       200    200   200   404  200    -      -
GET     appeals.show_appeal                theirs  401     404    404   404   404  404    404    404
GET     appeals.show_appeal                far     401     404    404   404   404  404    404    404
POST    appeals.appeal                     own     -       303    303   303   404  303    -      -
POST    appeals.appeal                     theirs  401     404    404   404   404  404    404    404
POST    appeals.appeal                     far     401     404    404   404   404  404    404    404
GET     appeals.show_question              own     -       200    200   200   404  200    -      -
GET     appeals.show_question              theirs  401     404    404   404   404  404    404    404
GET     appeals.show_question              far     401     404    404   404   404  404    404    404
POST    appeals.ask                        own     -       303    303   303   404  303    -      -
POST    appeals.ask                        theirs  401     404    404   404   404  404    404    404
POST    appeals.ask                        far     401     404    404   404   404  404    404    404
GET     own_place.show_mine                -       401     200    200   200   200  200    200    200
GET     own_place.show                     own     -       200    200   200   200  200    -      -
GET     own_place.show                     theirs  401     404    404   404   404  404    404    404
GET     own_place.show                     far     401     404    404   404   404  404    404    404
POST    own_place.disagree                 own     -       303    303   303   303  303    -      -
POST    own_place.disagree                 theirs  401     404    404   404   404  404    404    404
POST    own_place.disagree                 far     401     404    404   404   404  404    404    404
GET     appeals.show_complaint             own     -       200    200   200   404  200    -      -
GET     appeals.show_complaint             theirs  404     404    404   404   404  404    404    404
GET     appeals.show_complaint             far     404     404    404   404   404  404    404    404
POST    appeals.complain                   own     -       303    303   303   404  303    -      -
POST    appeals.complain                   theirs  404     404    404   404   404  404    404    404
POST    appeals.complain                   far     404     404    404   404   404  404    404    404
POST    appeals.answer                     own     -       404    404   404   404  404    -      -
POST    appeals.answer                     theirs  401     404    303   303   404  404    404    404
POST    appeals.answer                     far     401     404    404   404   404  404    404    404
POST    appeals.conclude                   own     -       404    404   404   404  404    -      -
POST    appeals.conclude                   theirs  401     404    303   303   404  404    404    404
POST    appeals.conclude                   far     401     404    404   404   404  404    404    404
GET     reviewers.show_reviewers           -       401     404    404   404   404  404    404    404
POST    reviewers.add                      -       401     404    404   404   404  404    404    404
POST    reviewers.end                      ours    401     404    404   404   404  404    404    404
POST    reviewers.end                      far     401     404    404   404   404  404    404    404
POST    reviewers.make_link                theirs  401     404    404   404   404  404    404    404
POST    reviewers.make_link                far     401     404    404   404   404  404    404    404
GET     reviewers.show_link                -       404     404    404   404   404  404    404    404
POST    reviewers.begin                    -       404     404    404   404   404  404    404    404
GET     reviewers.show_item                theirs  404     404    404   404   404  404    404    404
GET     reviewers.show_item                far     404     404    404   404   404  404    404    404
POST    reviewers.answer                   theirs  404     404    404   404   404  404    404    404
POST    reviewers.answer                   far     404     404    404   404   404  404    404    404
POST    reviewers.conclude                 theirs  404     404    404   404   404  404    404    404
POST    reviewers.conclude                 far     404     404    404   404   404  404    404    404

GET     outsiders.show                     -       200     200    200   200   200  200    200    200
POST    outsiders.tell                     -       303     303    303   303   303  303    303    303
GET     outsiders.show_told                -       404     404    404   404   404  404    404    404
POST    outsiders.say_more                 -       404     404    404   404   404  404    404    404
GET     outsiders.show_reports             -       401     404    404   404   404  404    404    404
POST    outsiders.mark_handled             ours    401     404    404   404   404  404    404    404
POST    outsiders.mark_handled             far     401     404    404   404   404  404    404    404

GET     tending.show                       ours    401     404    200   200   404  404    404    404
GET     tending.show                       far     401     404    404   404   404  404    404    404
POST    tending.act                        ours    401     404    303   303   404  404    404    404
POST    tending.act                        far     401     404    404   404   404  404    404    404
GET     tending.show_history               ours    401     200    200   200   404  200    404    404
GET     tending.show_history               far     401     404    404   404   404  404    200    404
POST    tending.undo                       ours    401     404    303   303   404  404    404    404
POST    tending.undo                       far     401     404    404   404   404  404    404    404
GET     tending.show_split                 theirs  401     404    200   200   404  404    404    404
GET     tending.show_split                 far     401     404    404   404   404  404    404    404
POST    tending.split                      theirs  401     404    303   303   404  404    404    404
POST    tending.split                      far     401     404    404   404   404  404    404    404

GET     reports.show_report                own     -       200    200   200   404  200    -      -
GET     reports.show_report                theirs  401     200    200   200   404  200    404    404
GET     reports.show_report                far     401     404    404   404   404  404    200    404
POST    reports.report                     theirs  401     303    303   303   404  303    404    404
POST    reports.report                     far     401     404    404   404   404  404    303    404
GET     reports.show_person_report         theirs  401     200    200   200   404  200    404    404
GET     reports.show_person_report         far     401     404    404   404   404  404    200    404
POST    reports.report_person              theirs  401     303    303   303   404  303    404    404
POST    reports.report_person              far     401     404    404   404   404  404    303    404
GET     reports.show_topic_report          ours    401     200    200   200   404  200    404    404
GET     reports.show_topic_report          far     401     404    404   404   404  404    200    404
POST    reports.report_topic               ours    401     303    303   303   404  303    404    404
POST    reports.report_topic               far     401     404    404   404   404  404    303    404
GET     reports.show_worry                 theirs  401     200    200   200   404  200    404    404
GET     reports.show_worry                 far     401     404    404   404   404  404    200    404
POST    reports.worry                      theirs  401     303    303   303   404  303    404    404
POST    reports.worry                      far     401     404    404   404   404  404    303    404
GET     reports.show_group_report          ours    200     200    200   200   200  200    200    200
GET     reports.show_group_report          far     200     200    200   200   200  200    200    200
POST    reports.report_group               ours    303     303    303   303   303  303    303    303
POST    reports.report_group               far     303     303    303   303   303  303    303    303
GET     reports.show_mine                  -       200     200    200   200   200  200    200    200
GET     reports.show_receipt               own     -       200    200   200   404  200    -      -
GET     reports.show_receipt               theirs  404     404    404   404   404  404    404    404
GET     reports.show_receipt               far     404     404    404   404   404  404    404    404
"""


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    method: str
    endpoint: str
    thing: str
    answers: dict[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} {self.thing}"


def lines() -> list[Line]:
    """The table, read."""
    head, *rest = [line.split() for line in TABLE.strip().splitlines() if line.strip()]
    assert tuple(head[3:]) == ROLES, "the columns are the roles"
    return [_line(words) for words in rest]


def _line(words: list[str]) -> Line:
    method, endpoint, thing, *answers = words
    assert len(answers) == len(ROLES), f"{endpoint} {thing}: one answer for each of {len(ROLES)} people"
    return Line(method, endpoint, thing, {r: int(a) for r, a in zip(ROLES, answers, strict=True) if a != "-"})
